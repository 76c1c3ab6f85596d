"""Take lines of the log away that nobody asks for any more. A nonce is safe long before: its time is over by then."""

from datetime import timedelta
from typing import Final

from aeghash.core import clock
from partners.models import Call

KEPT: Final = timedelta(days=90)


def purge_calls() -> int:
    return Call.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
