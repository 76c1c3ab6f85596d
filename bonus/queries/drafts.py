"""Which periods somebody has seen to."""

from aeghash.core import clock
from bonus.models import Closing
from bonus.queries.periods import last_period


def is_drafted() -> bool:
    """The last period that is over has its closing, or a later one has."""
    return Closing.objects.filter(ends_at__gte=last_period(clock.now()).ends_at).exists()
