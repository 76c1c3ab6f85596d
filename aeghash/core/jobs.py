"""Kinds of durable jobs, and the lease under which one is worked.

An app's `tasks.py` says what a kind does:

    @job("wallets.refresh_keys", attempts=5)
    def refresh_keys_task(lease: Lease, *, wallet_id: int) -> None:
        with lease.last_transaction():
            refresh_keys(wallet_id=wallet_id)

and an operation wants it done, in its own transaction: `enqueue("wallets.refresh_keys", wallet_id=7)`.

Where all of the work is rows of this database, the lease is not needed in sight, and one commit is enough:

    @job("core.expire_proposals")
    @in_one_commit
    def expire_proposals_task() -> None:
        expire_proposals()
"""

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypedDict, TypeVar, Unpack

from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, ids
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Refusal
from aeghash.core.models import Job, JobState
from aeghash.core.statements import one_row

Handler = Callable[..., None]  # of a Lease and the job's arguments, by name
H = TypeVar("H", bound=Handler)


class UnknownKind(Refusal):
    """Somebody may retry a job that an older release left behind."""

    code: ClassVar[str] = "unknown_kind"
    sentence: ClassVar[str | Promise] = _("No code of this release does jobs of kind %(kind)s.")


class LeaseLost(Exception):
    """The lease is over, or the job is somebody else's by now: what was begun must not take effect."""


class NoFurtherAttempts(Exception):
    """Raised by a handler whose work has failed for good: another attempt by itself would be of no use."""


class InOneCommit:
    """A handler that touches nothing but this database. Under a lease, its effect and the job's end are one commit; its
    first attempt may be begun in that commit as well (`aeghash.core.operations.work_at_once`).
    """

    def __init__(self, effect: Callable[..., None]) -> None:
        self.effect = effect
        lease = inspect.Parameter("lease", inspect.Parameter.POSITIONAL_ONLY)
        own = inspect.signature(effect)
        self.__signature__ = own.replace(parameters=[lease, *own.parameters.values()])

    def __call__(self, lease: "Lease", /, **arguments: Any) -> None:
        with lease.last_transaction():
            self.effect(**arguments)


def in_one_commit(effect: Callable[..., None]) -> InOneCommit:
    """Above the effect of a kind: it gets no lease, and opens no transaction that has to be the outermost."""
    return InOneCommit(effect)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How often a job is tried, how long one attempt may take, and the pauses between."""

    attempts: int = 3
    lease: timedelta = timedelta(minutes=1)
    first_pause: timedelta = timedelta(seconds=10)
    longest_pause: timedelta = timedelta(hours=1)

    def pause_after(self, attempts: int) -> timedelta:
        """Doubles from attempt to attempt, a quarter more or less by chance: what failed together comes back spread."""
        pause: timedelta = min(self.first_pause * 2 ** min(attempts - 1, 30), self.longest_pause)
        return pause * (0.75 + ids.random_bytes(1)[0] / 510)


@dataclass(frozen=True)
class Kind:
    """The policy is asked whenever it is needed, since some apps keep theirs in settings that staff change."""

    name: str
    handler: Handler
    signature: inspect.Signature
    ask_policy: Callable[[], Policy]

    @property
    def policy(self) -> Policy:
        return self.ask_policy()

    def check_arguments(self, arguments: dict[str, Any]) -> None:
        """A misspelt argument is the caller's mistake, and should be told to the caller."""
        self.signature.bind(None, **arguments)


class Constants(TypedDict, total=False):
    attempts: int
    lease: timedelta
    first_pause: timedelta
    longest_pause: timedelta


_kinds: Final[dict[str, Kind]] = {}


def job(name: str, *, policy: Callable[[], Policy] | None = None, **constants: Unpack[Constants]) -> Callable[[H], H]:
    """Registers the decorated function as what jobs of this kind do: by these constants, or by a policy to be asked for."""
    constant = Policy(**constants)

    def register(handler: H) -> H:
        _kinds[name] = Kind(name, handler, inspect.signature(handler), policy or (lambda: constant))
        return handler

    return register


def kind_named(name: str) -> Kind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(kind=name) from None


def effect_of(name: str) -> Callable[..., None] | None:
    """Of a kind whose work is one commit."""
    handler = kind_named(name).handler
    return handler.effect if isinstance(handler, InOneCommit) else None


def kinds_in_one_commit() -> list[str]:
    return [kind.name for kind in _kinds.values() if isinstance(kind.handler, InOneCommit)]


FIELDS: Final = tuple(field.attname for field in Job._meta.concrete_fields)
COLUMNS: Final = ", ".join(f"jobs.{field.column}" for field in Job._meta.concrete_fields)  # for RETURNING


def written_job(statement: str, parameters: dict[str, Any]) -> Job | None:
    """The job that a statement wrote, if it wrote one. `Job.objects.raw` says the same in twice the time."""
    row = one_row(statement, parameters)
    if row is None:
        return None
    values = dict(zip(FIELDS, row, strict=True))
    values["arguments"] = json.loads(values["arguments"])
    return Job.from_db(connection.alias, FIELDS, list(values.values()))


# Either one locks the row until the commit. A worker that is paused in there would keep it locked past its lease, so its
# session may not idle for long.
HELD: Final = "id = %(job)s AND state = 'running' AND lease_token = %(token)s AND lease_until > %(now)s"
NOT_FOR_LONG: Final = "set_config('idle_in_transaction_session_timeout', '30s', true)"
HOLD: Final = f"SELECT {NOT_FOR_LONG} FROM jobs WHERE {HELD} FOR UPDATE"  # noqa: S608 - constants
DONE: Final = "UPDATE jobs SET state = 'done', finished_at = %(now)s, lease_token = NULL, lease_until = NULL"
END: Final = f"{DONE} WHERE {HELD} RETURNING {NOT_FOR_LONG}"


@dataclass
class Lease:
    """One worker's right to one job, for a time. Every write under it depends on the token still standing in the row.

    The clock only decides when a job comes back; that its effect happens once rests on the token and the row's lock, so
    that clocks that differ or jump cost a repeated attempt at worst.
    """

    job: Job
    is_finished: bool = False

    @property
    def occurrence_at(self) -> datetime | None:
        """What time a scheduled job was due for, however late it is done."""
        return self.job.occurrence_at

    def still_mine(self) -> bool:
        """To be asked right before a call to the outside, which no transaction can take back."""
        return self.rows().filter(lease_until__gt=clock.now()).exists()

    def extend(self) -> None:
        """Another whole lease from now, for work in many steps."""
        now = clock.now()
        if not self.rows().filter(lease_until__gt=now).update(lease_until=now + self.job.lease):
            raise LeaseLost(self.job.pk)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """An effect that commits only under the lease; the job goes on after it."""
        with transaction.atomic(durable=True):
            self._must(HOLD)
            yield

    @contextmanager
    def last_transaction(self) -> Iterator[None]:
        """The effect and the job's end, in one commit. The end is written first: that locks the row, so from here on
        nobody else can be given the job.
        """
        with transaction.atomic(durable=True):
            self._must(END)
            checkpoint("job: row held")
            yield
            checkpoint("job: before commit")
        self.is_finished = True
        checkpoint("job: done")

    def finish(self) -> None:
        """For a handler that had no last transaction of its own. Late is good enough, if nobody else has the job."""
        if self.is_finished:
            return
        end = {"state": JobState.DONE, "finished_at": clock.now(), "lease_token": None, "lease_until": None}
        if not self.rows().update(**end):
            raise LeaseLost(self.job.pk)

    def _must(self, statement: str) -> None:
        if one_row(statement, {"job": self.job.pk, "token": self.job.lease_token, "now": clock.now()}) is None:
            raise LeaseLost(self.job.pk)

    def rows(self) -> models.QuerySet[Job]:
        """The job's row, as long as the lease is ours."""
        return Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, lease_token=self.job.lease_token)
