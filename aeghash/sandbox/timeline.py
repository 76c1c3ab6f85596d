"""A remote's own time, and what falls due on it."""

import heapq
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

Clock = Callable[[], int]
"""Returns milliseconds since the epoch."""

SECOND = 1000
DAY = 86_400 * SECOND


def system_clock() -> int:
    return time.time_ns() // 1_000_000


def day_of(moment: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).date()


def midnight(day: date) -> int:
    """Return the moment a day begins, UTC."""
    return (day - date(1970, 1, 1)).days * DAY


class Timeline:
    """A clock that never runs backwards, with an offset to turn days on.

    What falls due is done late but dated right: while an act runs, `now` is the moment it was due, so that
    looking seldom and looking often lead to the same books.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._catching_up = False
        self.now = clock()

    @property
    def today(self) -> date:
        return day_of(self.now)

    def at(self, due: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (max(due, self.now), next(self._order), act))

    def next_due(self) -> int | None:
        return self._agenda[0][0] if self._agenda else None

    def advance(self, milliseconds: int) -> None:
        self._offset += milliseconds
        self.catch_up()

    def catch_up(self) -> None:
        if self._catching_up:
            return  # an act that is due may itself look at the clock
        target = max(self.now, self._clock() + self._offset)
        self._catching_up = True
        try:
            self._run_until(target)
        finally:
            self._catching_up = False
        self.now = target

    def _run_until(self, target: int) -> None:
        while self._agenda and self._agenda[0][0] <= target:
            due, _, act = heapq.heappop(self._agenda)
            self.now = due
            act()
