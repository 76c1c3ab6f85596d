"""One run: a company with its people, workers and remotes, under the fate that its seed has drawn."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.jobs import LeaseLost
from aeghash.core.models import Alert, Job, JobState
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam, HashDamSettings
from aeghash.sandbox.mblock import MBlock, MBlockSettings
from aeghash.simulation.actor import Actor
from aeghash.simulation.fate import Fate, Spared
from aeghash.simulation.furniture import DAWN
from aeghash.simulation.network import Network
from aeghash.simulation.oracle import Violation, violations
from aeghash.simulation.people import People
from aeghash.simulation.plot import plot_of
from aeghash.simulation.remotes import drawn_faults, drawn_settings, posted_callbacks
from aeghash.simulation.scheduler import Scheduler
from aeghash.simulation.seams import Seams
from aeghash.simulation.services import Services
from aeghash.simulation.story import Story
from aeghash.simulation.watch import Watch
from aeghash.simulation.web import Web
from mining.queries.orphans import orphans
from wallets.channels.mblock import payout_wallets
from wallets.models import IN_FLIGHT, WAITING, TransactionStatus, WalletTransaction
from withdrawals.models import CLOSED, Channel, Status, Withdrawal

FAULTS_LAST: Final = 300.0
LOOK_EVERY: Final = 40.0
LONG_DUE: Final = timedelta(seconds=90)
HEALING_LASTS: Final = 2400.0
UNDER_WAY: Final = (
    *WAITING,
    TransactionStatus.SUBMITTING,
    TransactionStatus.SUBMITTED,
    TransactionStatus.PENDING_TRANSIT,
)


@dataclass
class Ending:
    """What a run came to."""

    seed: int
    violations: list[Violation]
    digest: str
    reach: dict[str, int]
    strokes: list[str]
    acts: list[str]
    kinds: list[str]
    steps: int
    seconds: float
    story: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        return sorted({violation.invariant for violation in self.violations})


class World:
    def __init__(self, seed: int, spared: Spared, watch: Watch) -> None:
        self.seed = seed
        self.chance = Chance(seed)
        self.fate = Fate(self.chance, spared)
        self.story = Story()
        self.scheduler = Scheduler(
            seed=seed, chance=self.chance, fate=self.fate, story=self.story, watch=watch, on_death=self._mourn
        )
        pool, chain = drawn_settings(self.chance)
        self.pool = FaultyRemote(HashDam(seed=seed, clock=self._milliseconds, settings=HashDamSettings(**pool)))
        self.chain = FaultyRemote(MBlock(seed=seed, clock=self._milliseconds, settings=MBlockSettings(**chain)))
        self.faults = drawn_faults(self.chance, self.fate)
        self.network = Network(
            self.scheduler, {settings.HASHDAM_API_BASE_URL: self.pool, settings.MBLOCK_API_BASE_URL: self.chain}
        )
        self.seams = Seams(self.scheduler, self.network, dawn=DAWN, tell=self._tell)
        self.errors: list[str] = []
        self.web = Web(self.errors)
        self.services = Services(self)
        self.people = People(self)
        self.plot = [act for act in plot_of(self.chance) if act.name not in spared.acts]
        self.mourners: dict[str, Callable[[], None]] = {}
        self.people_decide = self.chance.number("people decide") % 2 == 0
        self.is_over = False

    def enter(self, name: str, play: Callable[[], object], *, after: float = 0.0, is_mortal: bool = True) -> Actor:
        watched = self.seams.watched(lambda: self.attempt(play))
        return self.scheduler.enter(name, watched, after=after, is_mortal=is_mortal)

    def play(self) -> Ending:
        with ExitStack() as stack:
            stack.enter_context(self.seams.taken())
            stack.callback(self.scheduler.bury_the_dead)
            self.pool.set_faults(self.faults["hashdam"])
            self.chain.set_faults(self.faults["mblock"])
            self.services.start()
            self.people.start(self.plot)
            self.enter("postman", self._deliver_callbacks, after=10.0, is_mortal=False)
            self._run_for(FAULTS_LAST)
            is_quiet = self._heal()
            found = violations(self, is_quiet=is_quiet)
        return self._ending(found)

    # Phases

    def _run_for(self, seconds: float) -> None:
        end = self.scheduler.now + seconds
        self.scheduler.run(until=lambda: self.scheduler.now >= end)

    def _heal(self) -> bool:
        """No misfortune any more. True once nothing is under way and nobody waits; then everybody goes home."""
        self.story.note(self.scheduler.now, "fate", "relents")
        self.fate.is_kind = True
        self.pool.set_faults([])
        self.chain.set_faults([])
        end = self.scheduler.now + HEALING_LASTS
        while not (is_quiet := self._is_quiet()) and self.scheduler.now < end:
            self._run_for(LOOK_EVERY)
        self.is_over = True
        self.scheduler.run(until=lambda: not self.scheduler.actors)
        return is_quiet

    def _is_quiet(self) -> bool:
        return not self.people.open_acts and not unsettled(self)

    # What others ask

    def now(self) -> datetime:
        return self.seams.now()

    def shown_as(self, row: Withdrawal) -> str:
        """The number under which the remote's own screens show this payout, if they do."""
        taken = set(Withdrawal.objects.exclude(pk=row.pk).exclude(remote_id=None).values_list("remote_id", flat=True))
        since = row.tries.order_by("pk").values_list("started_at", flat=True).first() or row.requested_at
        for name, at, what, amount in payments(self, row.channel):
            fits = what == (row.asset_id if row.channel == Channel.HASHDAM else row.address) and amount == row.amount
            if fits and name not in taken and at >= since.timestamp() * 1000 - 1:
                return name
        return ""

    def is_alarmed(self, key: str) -> bool:
        return Alert.objects.filter(key=key).exists()

    def attempt(self, work: Callable[[], object]) -> None:
        """As a process of ours would: what the database or a rule refuses is logged, and on it goes."""
        close_old_connections()
        try:
            with acting_as(command("simulate")):
                work()
        except (DatabaseError, Refusal, LeaseLost) as error:
            self.fate.reached(f"gave up for {type(error).__name__}")
            self.story.note(self.scheduler.now, threading.current_thread().name, f"gives up: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours
            self.errors.append(f"{type(error).__name__}: {error}"[:300])

    def _tell(self, job: int) -> None:
        self.services.tell(job)

    def _mourn(self, actor: Actor) -> None:
        if mourn := self.mourners.get(actor.name):
            mourn()

    def _deliver_callbacks(self) -> None:
        while not self.is_over:
            posted_callbacks(self)
            clock.sleep(15.0)

    def _milliseconds(self) -> int:
        return int(DAWN.timestamp() * 1000 + self.scheduler.now * 1000)

    def _ending(self, found: list[Violation]) -> Ending:
        connection.close()
        return Ending(
            seed=self.seed,
            violations=found,
            digest=self.story.digest(),
            reach={**self.fate.reach, **self._reach_of_remotes()},
            strokes=[stroke.key for stroke in self.fate.struck],
            acts=[act.name for act in self.plot],
            kinds=sorted({stroke.kind for stroke in self.fate.struck} | set(self._reach_of_remotes())),
            steps=self.scheduler.steps,
            seconds=self.scheduler.now,
            story=self.story.for_people(),
        )

    def _reach_of_remotes(self) -> dict[str, int]:
        reach: dict[str, int] = {}
        for remote in (self.pool, self.chain):
            for entry in remote.trace:
                for fault in entry.get("faults", ()):
                    name = f"{remote.model.name}: {fault['kind']}"
                    reach[name] = reach.get(name, 0) + 1
        return reach


def payments(world: World, channel: str) -> list[tuple[str, int, str, Decimal]]:
    """What a remote has really paid by calls of ours, and will not take back: number, when, to whom or what, how much."""
    if channel == Channel.HASHDAM:
        rows = world.pool.model.books()["withdrawals"]
        live = [row for row in rows if row["status"] not in ("failed", "canceled") and row["origin"] == "api"]
        return [(row["withdrawId"], row["createAt"], row["coin"], Decimal(row["amount"])) for row in live]
    rows = [row for row in world.chain.model.books()["transfers"] if row["origin"] == "transfer"]
    return [(row["txid"], row["sentAt"], row["to"], Decimal(row["amount"])) for row in rows]


def unsettled(world: World) -> list[str]:
    """What is neither final nor before people with its reason."""
    waiting = Withdrawal.objects.exclude(status__in=(*CLOSED, Status.MANUAL_REVIEW)).order_by("pk")
    looked_at = WalletTransaction.objects.filter(status=TransactionStatus.MANUAL_REVIEW).values("wallet")
    under_way = WalletTransaction.objects.filter(status__in=UNDER_WAY).order_by("pk")
    transfers = under_way.exclude(status__in=WAITING, wallet__in=looked_at)
    jobs = Job.objects.filter(Q(state=JobState.RUNNING) | Q(state=JobState.QUEUED, due_at__lte=clock.now() - LONG_DUE))
    return [
        *(f"withdrawal #{row.pk} is {row.status}" for row in waiting if not _is_before_people(world, row)),
        *(f"token transfer #{row.pk} is {row.status}" for row in transfers),
        *(f"job {job.kind} is {job.state}" for job in jobs.order_by("pk")),
        *(f"{row.remote_id} is nobody's" for row in orphans().order_by("pk")),
    ]


def _is_before_people(world: World, row: Withdrawal) -> bool:
    """Accepted and told to people, since only its end isn't clear; or approved, and behind one that people look at."""
    if row.status == Status.SUBMITTED:
        return world.is_alarmed(f"withdrawal-review:{row.pk}")
    if row.status not in (Status.APPROVED, Status.RETRYING):
        return False
    ahead = Withdrawal.objects.filter(status=Status.MANUAL_REVIEW, channel=row.channel)
    if row.channel == Channel.HASHDAM:
        return ahead.filter(asset=row.asset_id, amount=row.amount).exists()
    busy = WalletTransaction.objects.filter(status__in=IN_FLIGHT).values("wallet")
    return not payout_wallets().exclude(pk__in=busy).exists()


__all__ = ["Ending", "World", "payments", "unsettled"]
