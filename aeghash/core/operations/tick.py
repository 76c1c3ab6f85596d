"""What happens every few seconds: by Celery's beat, or by `run_jobs --forever`."""

from django.db import transaction

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.seal_audit import AnotherClustersTrail, seal_audit
from aeghash.core.operations.start_due_schedules import start_due_schedules
from aeghash.core.operations.want_alerts_sent import want_alerts_sent


def tick() -> None:
    """Makes due what has become due. Any number at once, killed anywhere, leave each occurrence and each job once."""
    start_due_schedules()
    release_expired_leases()
    seal_or_say_so()
    want_alerts_sent()


def seal_or_say_so() -> None:
    """Every few seconds, since a row may stay unsealed for a minute at most. What stops it stops nothing else."""
    try:
        seal_audit()
    except AnotherClustersTrail as refusal:
        with transaction.atomic():
            raise_alert(key="audit.unsealable", severity=Severity.CRITICAL, sentence=str(refusal))
