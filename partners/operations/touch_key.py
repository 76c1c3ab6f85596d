"""Note that a key is in use, to the minute."""

from datetime import timedelta
from typing import Final

from django.db import DatabaseError

from aeghash.core import clock
from partners.models import PartnerKey

EVERY: Final = timedelta(minutes=1)


def touch_key(*, key: PartnerKey) -> None:
    """Not with every call: it is for people, and a row that every call writes would be one that all calls wait for."""
    now = clock.now()
    if key.last_used_at is not None and key.last_used_at > now - EVERY:
        return
    try:
        PartnerKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except DatabaseError:
        return
