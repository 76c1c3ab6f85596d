"""What of the product runs by itself: workers told by messages, the sweeper, the reconciler, the nightly closing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aeghash.core import clock
from aeghash.core.operations.tick import tick
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.operations.work_job import run_job
from mining.operations.reconcile_payouts import look_for_orphans, reconcile_payouts
from organization.operations.roll_up_volumes import roll_up_volumes
from wallets.operations.watch_wallets import watch_wallets
from withdrawals.operations.expire_approvals import expire_approvals
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals

if TYPE_CHECKING:
    from aeghash.simulation.world import World

BATCH: Final = 4
RESTART: Final = 4.0


def reconcile() -> None:
    reconcile_withdrawals()
    reconcile_payouts()
    watch_wallets()


def keep_up() -> None:
    look_for_orphans()
    roll_up_volumes()
    expire_approvals()


def sweep() -> None:
    tick()
    work_due_jobs(until=lambda done: done >= BATCH)


# What is done, every how many seconds, and when it begins.
SERVICES: Final[dict[str, tuple[Callable[[], object], float, float]]] = {
    "sweeper": (sweep, 35.0, 12.0),
    "second sweeper": (sweep, 80.0, 20.0),
    "reconciler": (reconcile, 75.0, 33.0),
    "housekeeper": (keep_up, 170.0, 60.0),
}


class Services:
    """Processes under a supervisor: whoever dies is started again."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.lives: dict[str, int] = {}
        self.messages = 0

    def start(self) -> None:
        for name, (_work, _every, first) in SERVICES.items():
            self.begin(name, after=first)

    def begin(self, name: str, *, after: float) -> None:
        work, every, _first = SERVICES[name]
        self.lives[name] = life = self.lives.get(name, 0) + 1
        actor = self.world.enter(f"{name} {life}", lambda: self._serve(work, every), after=after)
        self.world.mourners[actor.name] = lambda: self.begin(name, after=RESTART)

    def tell(self, job: int) -> None:
        """A message of the broker's: it arrives, or arrives twice, or late, or never."""
        self.messages += 1
        number, fate = self.messages, self.world.fate
        if fate.happens("message lost", number):
            return
        copies = 2 if fate.happens("message twice", number) else 1
        after = 90.0 if fate.happens("message late", number) else 0.3
        for copy in range(copies):
            self.world.enter(f"worker {number}{'b' * copy}", lambda: run_job(job_id=job), after=after + copy)

    def _serve(self, work: Callable[[], object], every: float) -> None:
        while not self.world.is_over:
            self.world.attempt(work)
            clock.sleep(every)
