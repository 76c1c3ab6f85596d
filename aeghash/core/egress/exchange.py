"""The account of one call: its time, what it may still receive, and whether any of it has left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aeghash.core.egress.failures import Reason, Stopped

HEAD_CAP = 64 * 1024


class Exchange:
    def __init__(self, seconds: float, *, public_only: bool = False) -> None:
        self._started = time.monotonic()
        self._ends = self._started + seconds
        self.public_only = public_only
        self.sent = False
        self.received = 0
        self.ended = False
        self._receivable = HEAD_CAP

    def left(self, reason: Reason = Reason.TIMEOUT) -> float:
        """The seconds that are left, always more than 0: a socket takes 0 for "don't wait"."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise Stopped(reason)
        return seconds

    def elapsed(self) -> float:
        return time.monotonic() - self._started

    def room(self) -> int:
        """How many bytes the remote may still send: it counts on the wire, so no framing gets around it."""
        if self._receivable <= self.received:
            raise Stopped(Reason.TOO_LARGE)
        return self._receivable - self.received

    def widen(self, body_cap: int) -> None:
        """The head is in, a body is wanted. Chunks bring sizes and separators along, hence twice its cap."""
        self._receivable += 2 * body_cap

    def note_received(self, count: int) -> None:
        self.received += count
        self.ended = self.ended or not count


_current: ContextVar[Exchange] = ContextVar("egress_exchange")


@contextmanager
def carried_out(exchange: Exchange) -> Iterator[None]:
    """Within it, this thread's connections keep to `exchange`.

    It goes beside the libraries because all they hand a connection per call is a time-out, one for each wait.
    """
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Exchange:
    return _current.get()
