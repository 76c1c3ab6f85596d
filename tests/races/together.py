"""Several callables at one instant."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections

PATIENCE = 30.0


@dataclass
class Outcome:
    """What a thread's callable returned, or raised."""

    value: Any = None
    error: BaseException | None = None


class Contender:
    """A callable in a thread with database connections of its own."""

    def __init__(self, work: Callable[[], Any], before: Callable[[], object] = lambda: None) -> None:
        self.outcome = Outcome()
        self.work = work
        self.before = before
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def is_over(self, within: float) -> bool:
        self.thread.join(within)
        return not self.thread.is_alive()

    def result(self) -> Outcome:
        assert self.is_over(PATIENCE), "a contender hangs"
        return self.outcome

    def _run(self) -> None:
        try:
            self.before()
            self.outcome.value = self.work()
        except BaseException as error:
            self.outcome.error = error
        finally:
            connections.close_all()


def run_together(*works: Callable[[], Any]) -> list[Outcome]:
    """Each in a thread of its own, let go at one instant; what became of them, in the order given."""
    barrier = threading.Barrier(len(works), timeout=PATIENCE)
    contenders = [Contender(work, before=barrier.wait) for work in works]
    for contender in contenders:
        contender.start()
    return [contender.result() for contender in contenders]
