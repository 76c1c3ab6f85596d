from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import Alert, Job, JobState
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.send_waiting_alerts import waiting_alerts

KIND: Final = "core.send_alerts"
BETWEEN_MESSAGES: Final = timedelta(seconds=30)


def want_alerts_sent() -> bool:
    """One job at a time sends whatever waits, so that a channel that is down holds up one worker at most.

    The tick asks for it, not `raise_alert`: there every alert would want the same job, and wait for the others' commits.
    What comes within half a minute of the last message goes together into the next.
    """
    if not settings.ALERT_WEBHOOK_URL or not waiting_alerts().exists():
        return False
    if Alert.objects.filter(told_at__gt=clock.now() - BETWEEN_MESSAGES).exists():
        return False
    if Job.objects.filter(kind=KIND, state__in=(JobState.QUEUED, JobState.RUNNING)).exists():
        return False
    with transaction.atomic():
        enqueue(KIND, key=KIND)
    return True
