from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Refusal
from aeghash.core.models import Alert, AlertState, User
from aeghash.core.operations.record import record


class AlreadyAcknowledged(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _("%(by)s has acknowledged this already.")


def acknowledge_alert(*, alert_id: int, by: User) -> Alert:
    """Somebody has seen it: it isn't sent any more, and if it happens again, that is a new alert.

    The same person again changes nothing; refuses somebody else.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).select_related("acknowledged_by").get(pk=alert_id)
        if alert.state == AlertState.ACKNOWLEDGED:
            if alert.acknowledged_by == by:
                return alert
            raise AlreadyAcknowledged(by=alert.acknowledged_by)
        alert.state = AlertState.ACKNOWLEDGED
        alert.acknowledged_by = by
        alert.acknowledged_at = clock.now()
        alert.untold_since = None
        alert.save(update_fields=["state", "acknowledged_by", "acknowledged_at", "untold_since"])
        with acting_as(person(by)):
            record("alert.acknowledged", of=alert, after={"alert": alert.key, "severity": alert.severity})
    return alert
