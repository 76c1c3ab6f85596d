"""Which settings hold."""

from datetime import timedelta

from aeghash.core import clock
from aeghash.core.jobs import Policy
from bonus.models import BonusSettings


def versions() -> list[BonusSettings]:
    """All of them, the oldest first. What was before it goes by that one, too."""
    return list(BonusSettings.objects.order_by("valid_from"))


def settings_now() -> BonusSettings:
    return BonusSettings.objects.filter(valid_from__lte=clock.now()).latest("valid_from")


def credit_policy() -> Policy:
    """How a credit that failed is tried again."""
    now = settings_now()
    return Policy(
        attempts=now.retry_attempts,
        first_pause=timedelta(seconds=now.retry_first_seconds),
        longest_pause=timedelta(seconds=now.retry_longest_seconds),
    )


def closing_policy() -> Policy:
    """A lease is renewed by every chunk, so a closing that hangs is taken over after `max_close_duration_min`."""
    lease = timedelta(minutes=settings_now().max_close_duration_min)
    return Policy(attempts=8, lease=lease, first_pause=timedelta(seconds=30))
