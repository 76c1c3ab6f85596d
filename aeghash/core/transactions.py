"""Who opens transactions, and what is tried again when the database fails for a moment.

An operation says it above its name: `@with_db_retry()`, then `@opens_one()`, so that each attempt has a transaction of
its own. What is only a part says `@needs_one()`; what speaks to the outside says `@must_have_none()`.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final, ParamSpec, TypeVar

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from aeghash.core import clock, ids
from aeghash.core.database_errors import is_passing, is_unavailable
from aeghash.core.errors import TemporarilyUnavailable

P = ParamSpec("P")
R = TypeVar("R")

FIRST_PAUSE: Final = 0.1

log = structlog.get_logger(__name__)


class WrongTransaction(RuntimeError):
    """A mistake in our own code: it was called inside a transaction, or outside one, against what it says it needs."""


def in_transaction() -> bool:
    """Whether our code has opened one. Those which wrap a test don't count, for its operations aren't nested to it."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


@contextmanager
def opens_one() -> Iterator[None]:
    """Its work commits or rolls back as a whole, and is committed when it returns: so it isn't nested in another's."""
    _check(not in_transaction(), "opens a transaction of its own, and there is one already")
    with transaction.atomic():
        yield


@contextmanager
def needs_one() -> Iterator[None]:
    """Part of a larger work: its locks and rows would mean nothing if they were committed alone."""
    _check(in_transaction(), "is a part of somebody's transaction, and there is none")
    yield


@contextmanager
def must_have_none() -> Iterator[None]:
    """Speaks to the outside: what a rollback can't take back must not be in a transaction, nor wait while it holds locks."""
    _check(not in_transaction(), "must be in no transaction, and there is one")
    yield


def with_db_retry(
    max_attempts: int | None = None, backoff_factor: float | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Calls the operation again when the database failed for a passing reason, then raises TemporarilyUnavailable.

    Only for operations with a natural key, by which they know work that is done already: when the connection is lost in
    COMMIT, nobody can tell whether it was carried out, and the next attempt has to find out.

    Inside somebody's transaction it does nothing: a fault has ended that transaction, and who opened it begins again.
    """

    def decorate(operation: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(operation)
        def with_further_attempts(*args: P.args, **kwargs: P.kwargs) -> R:
            if in_transaction():
                return operation(*args, **kwargs)
            most = max_attempts or settings.DATABASE_RETRY_ATTEMPTS
            for attempt in count(1):
                try:
                    return operation(*args, **kwargs)
                except Error as error:
                    if not is_unavailable(error):
                        raise
                    connection.close_if_unusable_or_obsolete()
                    if attempt >= most or not is_passing(error):
                        raise TemporarilyUnavailable from error
                    fault = type(error.__cause__).__name__  # its text may hold values
                    log.warning("database_retry", operation=operation.__qualname__, attempt=attempt, fault=fault)
                clock.sleep(_pause(attempt, backoff_factor or settings.DATABASE_RETRY_BACKOFF))
            raise AssertionError("unreachable")

        return with_further_attempts

    return decorate


def _pause(attempt: int, factor: float) -> float:
    """Longer each time, and by chance up to half shorter, or those who met in a deadlock would meet again."""
    chance = int.from_bytes(ids.random_bytes(2)) / 0xFFFF
    return FIRST_PAUSE * float(factor) ** (attempt - 1) * (1 - chance / 2)


def _check(fulfilled: bool, sentence: str) -> None:
    if not fulfilled:
        raise WrongTransaction(f"this {sentence}")
