"""A clock for tests, which goes when told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aeghash.core import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def steered_time() -> Iterator[Time]:
    time = Time()
    with clock.steered(time):
        yield time
