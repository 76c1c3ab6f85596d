"""Where the simulation takes hold of the product: through seams that the product has, none of which knows of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import psycopg
from django.db import connection, connections
from django.db.utils import OperationalError

from aeghash.core import broker, checkpoints, clock, ids
from aeghash.core.egress import transport
from aeghash.simulation.actor import Actor, Order, Point
from aeghash.simulation.network import Network
from aeghash.simulation.scheduler import Scheduler
from mining.clients.hashdam import histories

ROWS_A_PAGE: Final = 1  # so that a few payouts fill several pages
# Statements that write nothing and lock nothing. A SELECT of a function may do either.
QUIET: Final = re.compile(r'\s*(SELECT (DISTINCT )?("|COUNT\(|1 |EXISTS)|SAVEPOINT|RELEASE|ROLLBACK|SET )')
WRITTEN: Final = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO) "?(\w+)')


class InTurn:
    """Stands for a pool of threads: its work is done one piece after the other by whoever gave it."""

    def __init__(self, *_arguments: object, **_options: object) -> None: ...

    def __enter__(self) -> "InTurn":
        return self

    def __exit__(self, *_error: object) -> None: ...

    def map(self, work: Callable[[Any], Any], things: Any) -> list[Any]:
        return [work(thing) for thing in things]


class Seams:
    def __init__(self, scheduler: Scheduler, network: Network, *, dawn: datetime, tell: Callable[[int], None]) -> None:
        self.scheduler = scheduler
        self.network = network
        self.dawn = dawn
        self.tell = tell
        self._chance = Random(f"{scheduler.seed}:nobody")  # noqa: S311 - has to be had again

    @contextmanager
    def taken(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(clock.steered(self.now, sleep, lambda: self.scheduler.now))
            stack.enter_context(ids.steered(self._random_bytes))
            stack.enter_context(checkpoints.hooked(pass_checkpoint))
            stack.enter_context(transport.carried_by(self.network.carry))
            stack.enter_context(broker.steered(self.tell))
            stack.enter_context(replaced(histories, "ThreadPoolExecutor", InTurn))
            stack.enter_context(replaced(histories, "LIMIT", ROWS_A_PAGE))
            yield

    def now(self) -> datetime:
        return self.dawn + timedelta(seconds=self.scheduler.now)

    def _random_bytes(self, count: int) -> bytes:
        actor = Actor.current()
        return (actor.chance if actor else self._chance).randbytes(count)

    def watched(self, play: Callable[[], object]) -> Callable[[], None]:
        """The same with its thread's connection under the scheduler's eye."""

        def with_connection_watched() -> None:
            actor = Actor.current()
            assert actor is not None
            with Grip(actor, self.scheduler).on_connection():
                play()

        return with_connection_watched


@contextmanager
def replaced(holder: object, name: str, value: object) -> Iterator[None]:
    before = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


def sleep(seconds: float) -> None:
    actor = Actor.current()
    if actor is not None:
        pause(actor, seconds)


def pause(actor: Actor, seconds: float) -> None:
    actor.sleeps = seconds
    actor.park(Point("sleep", f"{seconds:.3f}"))


def pass_checkpoint(name: str) -> None:
    actor = Actor.current()
    if actor is not None:
        actor.park(Point("checkpoint", name))


class Grip:
    """On one actor's connection: it stops before and after whatever is committed, and behind each lock it waited for."""

    def __init__(self, actor: Actor, scheduler: Scheduler) -> None:
        self.actor = actor
        self.scheduler = scheduler
        self.written: list[str] = []

    @contextmanager
    def on_connection(self) -> Iterator[None]:
        own: Any = connections[connection.alias]  # this thread's, and no other's
        really_commit = own._commit
        with replaced(own, "_commit", lambda: self._committed(really_commit)), own.execute_wrapper(self._executed):
            yield

    def _executed(self, execute: Callable[..., Any], statement: object, *rest: Any) -> Any:
        self.actor.is_in_transaction = connection.in_atomic_block
        text = str(statement)
        is_quiet = bool(QUIET.match(text)) and " FOR " not in text
        touched = [] if is_quiet else WRITTEN.findall(text)[:1] or ["locks"]
        if not connection.in_atomic_block:
            self.written = touched
            return self._committed(lambda: execute(statement, *rest))
        done = self._asked(lambda: execute(statement, *rest))
        if rest[-1]["cursor"].rowcount:
            self.written += touched
        return done

    def _asked(self, ask: Callable[[], Any]) -> Any:
        connection.ensure_connection()  # or nobody would know whose wait it is if the very first statement meets a lock
        self.actor.backend = connection.connection.info.backend_pid
        self.actor.is_asking = True
        try:
            return ask()
        finally:
            self.actor.is_asking = False
            self.actor.stop_behind_lock()

    def _committed(self, commit: Callable[[], Any]) -> Any:
        """A transaction that changed nothing and locked nobody ends unnoticed."""
        written, self.written = ", ".join(dict.fromkeys(self.written)), []
        if not written:
            return self._asked(commit)
        order = self.actor.park(Point("commit", written))
        if order is Order.LOSE_CONNECTION:
            self._lose_connection()
        done = self._asked(commit)
        self.actor.is_in_transaction = False
        if order is Order.LOSE_ANSWER:
            self._lose_connection()
        self.actor.park(Point("committed", ""))
        return done

    def _lose_connection(self) -> None:
        if self.actor.backend is not None:
            self.scheduler.watch.cut(self.actor.backend)
        raise OperationalError("the connection was lost") from psycopg.OperationalError("the connection was lost")
