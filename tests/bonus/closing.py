"""Periods that can be closed at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aeghash.core import clock
from aeghash.core.actors import acting_as, job
from bonus.models import BonusSettings, Closing
from bonus.operations.change_settings import FIGURES
from bonus.operations.confirm_closing import confirm_closing
from bonus.operations.draft_closing import draft_closing
from bonus.operations.run_closing import run_closing

T = TypeVar("T")


def set_to(**figures: Any) -> BonusSettings:
    """What holds, but for these figures."""
    row = BonusSettings.objects.latest("valid_from")
    kept = {name: getattr(row, name) for name in FIGURES}
    return BonusSettings.objects.create(valid_from=row.valid_from + timedelta(days=1), **{**kept, **figures})


def long_ago(days: float = 12) -> datetime:
    """Far enough for the last week's closing and its refund lag."""
    return clock.now() - timedelta(days=days)


def confirmed(as_of: datetime | None = None) -> Closing:
    return confirm_closing(closing_id=draft_closing(as_of=as_of).pk)


def closed(as_of: datetime | None = None) -> Closing:
    return run_closing(closing_id=confirmed(as_of).pk)


def by_itself(work: Callable[[], T]) -> Callable[[], T]:
    """For a thread of its own, in which nobody acts yet."""

    def as_a_job() -> T:
        with acting_as(job("test")):
            return work()

    return as_a_job
