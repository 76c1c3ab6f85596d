"""The product's one clock. Code asks here, never the library, so that tests and the simulation can steer time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

Source = Callable[[], datetime]
Sleeper = Callable[[float], None]
Ticker = Callable[[], float]


def _system() -> datetime:
    return datetime.now(UTC)


_source: Source = _system
_sleeper: Sleeper = time.sleep
_ticker: Ticker = time.monotonic


def now() -> datetime:
    return _source()


def today() -> date:
    """The day in UTC, which is how the pool counts days."""
    return now().date()


def sleep(seconds: float) -> None:
    _sleeper(seconds)


def monotonic() -> float:
    """Seconds that no stepped clock takes back: for how long something has lasted."""
    return _ticker()


@contextmanager
def steered(source: Source = _system, sleeper: Sleeper = time.sleep, ticker: Ticker = time.monotonic) -> Iterator[None]:
    """Within it, time is what `source` says and waiting what `sleeper` does, in every thread of the process."""
    global _source, _sleeper, _ticker
    before = _source, _sleeper, _ticker
    _source, _sleeper, _ticker = source, sleeper, ticker
    try:
        yield
    finally:
        _source, _sleeper, _ticker = before
