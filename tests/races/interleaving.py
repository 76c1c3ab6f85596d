"""One order of events between two threads, made certain."""

import threading
from collections.abc import Callable
from typing import Any

from aeghash.core.checkpoints import hooked
from tests.database import Owner
from tests.races.together import PATIENCE, Contender, Outcome
from tests.waiting import blocked, until


class Interleaving:
    """The first stops at a checkpoint; there the second does all of its work, or as much as it can: if it waits for a
    lock that the first holds, the first goes on after `grace` seconds. With an `owner` to look at the locks, it goes on
    as soon as the second one waits, and not before, however slow the machine is.
    """

    def __init__(self, *, at: str, grace: float = 1.0, owner: Owner | None = None) -> None:
        self.at = at
        self.grace = grace
        self.owner = owner
        self.second_had_to_wait = False
        self._is_there = threading.Event()
        self._may_go_on = threading.Event()

    def run(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Outcome, Outcome]:
        one, two = Contender(first), Contender(second)
        with hooked(lambda name: self._stop(name, one.thread)):
            one.start()
            try:
                assert self._is_there.wait(PATIENCE), f"the first never came to {self.at!r}: {one.outcome}"
                two.start()
                self.second_had_to_wait = self._waits(two)
            finally:
                self._may_go_on.set()
            return one.result(), two.result()

    def _waits(self, two: Contender) -> bool:
        owner = self.owner
        if owner is None:
            return not two.is_over(self.grace)
        until(lambda: two.is_over(0) or blocked(owner) > 0)
        return not two.is_over(0)

    def _stop(self, name: str, thread: threading.Thread) -> None:
        if name == self.at and threading.current_thread() is thread and not self._is_there.is_set():
            self._is_there.set()
            assert self._may_go_on.wait(PATIENCE), "nobody let the first go on"
