"""The age of MBlock's API key: due for rotation after 90 days. Only its fingerprint is ever written down."""

import hashlib
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from wallets.models import ApiKeySighting

DUE_AFTER: Final = timedelta(days=90)
TOLD_BEFORE: Final = timedelta(days=14)


@transaction.atomic
def watch_api_key() -> ApiKeySighting | None:
    """Notes a key it hasn't seen; alerts two weeks before one is due, and again when it is."""
    if not settings.MBLOCK_API_KEY:
        return None
    sighting, is_new = ApiKeySighting.objects.get_or_create(
        key_id=fingerprint(settings.MBLOCK_API_KEY), defaults={"first_seen_at": clock.now()}
    )
    if is_new:
        record("mblock_api_key.first_used", of=sighting, after={"key_id": sighting.key_id, "due_on": due_on(sighting)})
    _alert_if_due(sighting)
    return sighting


def fingerprint(key: str) -> str:
    """Which key it is, and nothing that helps to guess it: what goes in is long and random."""
    return hashlib.sha256(b"mblock api key:" + key.encode()).hexdigest()[:12]


def due_on(sighting: ApiKeySighting) -> str:
    return (sighting.first_seen_at + DUE_AFTER).date().isoformat()


def _alert_if_due(sighting: ApiKeySighting) -> None:
    left = sighting.first_seen_at + DUE_AFTER - clock.now()
    if left > TOLD_BEFORE:
        return
    raise_alert(
        key=f"mblock.api_key:{sighting.key_id}",
        severity=Severity.CRITICAL if left <= timedelta(0) else Severity.WARNING,
        sentence=_("MBlock's API key is due for rotation: it must be replaced after 90 days."),
        key_id=sighting.key_id,
        due_on=due_on(sighting),
    )
