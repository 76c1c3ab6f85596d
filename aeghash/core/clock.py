"""The product's one clock. Code asks here, never the library, so that tests and the simulation can steer time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

Source = Callable[[], datetime]


def _system() -> datetime:
    return datetime.now(UTC)


_source: Source = _system


def now() -> datetime:
    return _source()


def today() -> date:
    """The day in UTC, which is how the pool counts days."""
    return now().date()


@contextmanager
def steered(source: Source) -> Iterator[None]:
    """Within it, time is what `source` says, in every thread of the process."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
