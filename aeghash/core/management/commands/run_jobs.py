import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import structlog
from django.core.management.base import CommandParser
from django.db import DatabaseError, close_old_connections

from aeghash.core.commands import OperatorCommand
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.tick import tick
from aeghash.core.operations.work_due_jobs import for_seconds, work_due_jobs

PAUSE_SECONDS: Final = 1.0
BETWEEN_TICKS: Final = 1.0

log = structlog.get_logger(__name__)


class Command(OperatorCommand):
    help = (
        "Work the durable jobs that are due, one after the other, without Redis and Celery. With --forever it goes on "
        "and starts schedules too; any number may run at once, beside Celery's workers as well. SIGTERM lets it finish "
        "the job it is at."
    )
    example = "run_jobs --forever"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until SIGTERM, and start due schedules")
        parser.add_argument("--limit", type=int, default=sys.maxsize, help="stop after so many jobs")

    def work(self, **options: Any) -> dict[str, int]:
        self.stopped = threading.Event()
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return {"done": self._forever(options["limit"]) if options["forever"] else self._once(options["limit"])}
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def sentences(self, result: dict[str, int]) -> list[str]:
        return [f"{result['done']} jobs worked"]

    def _once(self, limit: int) -> int:
        release_expired_leases()
        return work_due_jobs(until=lambda done: self.stopped.is_set() or done >= limit)

    def _forever(self, limit: int) -> int:
        total = 0
        while not self.stopped.is_set() and total < limit:
            try:
                tick()
                worked = work_due_jobs(until=self._enough(limit - total))
            except DatabaseError:
                log.warning("PostgreSQL is away; trying again")
                worked = 0
            total += worked
            close_old_connections()
            if not worked:
                self.stopped.wait(PAUSE_SECONDS)
        return total

    def _enough(self, limit: int) -> Callable[[int], bool]:
        """Now and then, so that a long backlog doesn't keep schedules and expired leases waiting; not after each job, for
        a tick costs more than a small job does.
        """
        is_time_up = for_seconds(BETWEEN_TICKS)
        return lambda done: self.stopped.is_set() or done >= limit or is_time_up(done)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopped.set()
