"""As much of the audit chain as can be checked while somebody waits, newest first."""

import time
from dataclasses import dataclass, field

from aeghash.core import clock
from aeghash.core.audit.chain import BROKEN_HEADS, BROKEN_SEALS, UNSEALED
from aeghash.core.audit.verification import STEP, Flaw, found, last_number


@dataclass(frozen=True)
class Check:
    """From `first` to `last` every link was looked at; `first` above 1 means that the time was over."""

    first: int
    last: int
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.first <= 1


def check_newest(*, seconds: float, step: int = STEP) -> Check:
    """`verify_audit` does the whole, however long it takes."""
    deadline, last = time.monotonic() + seconds, last_number()
    flaws = found(BROKEN_HEADS, {}) + found(UNSEALED, {"now": clock.now(), "since": "0"})
    first = last + 1
    while first > 1 and time.monotonic() < deadline:
        span = {"first": max(first - step, 1), "last": first - 1}
        flaws += found(BROKEN_SEALS.format(which="seal.number BETWEEN %(first)s AND %(last)s"), span)
        first = span["first"]
    return Check(first, last, flaws)
