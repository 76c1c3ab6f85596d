"""Tell staff of keys that should be renewed, and of partners whose calls are refused again and again."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from partners.models import ROTATION, Call, PartnerKey

LATELY: Final = timedelta(minutes=15)
MANY: Final = 50
USUAL: Final = timedelta(days=7)
TIMES_THE_USUAL: Final = 10


def watch_keys() -> int:
    """One alert a key. Gives how many are due."""
    now = clock.now()
    live = PartnerKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    due = list(live.filter(created_at__lte=now - ROTATION).select_related("partner"))
    sentence = _("A partner's key is older than 60 days: issue a new one, with some days of both.")
    with transaction.atomic():
        for key in due:
            named = {"partner": key.partner.slug, "key_id": key.key_id, "created_at": key.created_at.isoformat()}
            raise_alert(key=f"partner-key-due:{key.key_id}", severity=Severity.WARNING, sentence=sentence, **named)
    return len(due)


def watch_traffic() -> int:
    """Refusals in heaps, and ten times the calls of the usual quarter of an hour. Gives how many keys were told of."""
    now = clock.now()
    with transaction.atomic():
        refused = _heaps(Q(code__gt="", at__gte=now - LATELY), MANY)
        for key in refused:
            sentence = _("Many calls of a partner are refused.")
            raise_alert(key=f"partner-refused:{key}", severity=Severity.WARNING, sentence=sentence, key_id=key)
        usual = dict(_counts(Q(at__gte=now - USUAL, at__lt=now - LATELY)))
        busy = [
            key
            for key, count in _counts(Q(at__gte=now - LATELY))
            if count > max(MANY * 10, TIMES_THE_USUAL * usual.get(key, 0) * (LATELY / USUAL))
        ]
        for key in busy:
            sentence = _("A partner calls ten times as often as usual.")
            raise_alert(key=f"partner-busy:{key}", severity=Severity.WARNING, sentence=sentence, key_id=key)
    return len(refused) + len(busy)


def _heaps(which: Q, least: int) -> list[str]:
    return [key for key, count in _counts(which) if count >= least]


def _counts(which: Q) -> list[tuple[str, int]]:
    rows = Call.objects.filter(which, key__isnull=False).order_by().values("key_given").annotate(count=Count("pk"))
    return [(row["key_given"], row["count"]) for row in rows]
