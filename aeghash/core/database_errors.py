"""What the database's errors mean to a caller."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, IntegrityError, InterfaceError, OperationalError
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Conflict, Duplicate, NotFound, Refusal, TemporarilyUnavailable

# What another attempt, in a fresh transaction, may well get past. Not here: lock_timeout and statement_timeout, whose
# patience has been spent by then, and a full disk.
PASSING_STATES: Final = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "57P01",  # the server, or this connection, is being shut down
    "57P02",  # the same, after a crash
    "57P03",  # the server is starting up
    "25P03",  # this process slept in its transaction, and the server gave it up
    "25P04",  # the same, by the clock of the whole transaction
}
CONNECTION_CLASS: Final = "08"
UNIQUE_VIOLATION: Final = "23505"
FOREIGN_KEY_VIOLATION: Final = "23503"


class StillNeeded(Conflict):
    """Other rows hang on it."""

    code = "still_needed"
    sentence = _("It is still needed by others.")


class Unrelated(Conflict):
    """It refers to a row that isn't there, or takes one away that others refer to: somebody else was quicker."""


@contextmanager
def translated() -> Iterator[None]:
    """Around whole operations: those of the database's errors that say something about the request become refusals.

    A broken check or a missing value stays the error it is: a rule that only the database noticed is a mistake of ours.
    """
    try:
        yield
    except (ObjectDoesNotExist, Error) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def refusal_of(error: Exception) -> Refusal | None:
    if isinstance(error, ObjectDoesNotExist):
        return NotFound()
    if isinstance(error, ProtectedError | RestrictedError):
        return StillNeeded()
    if isinstance(error, IntegrityError):
        return _refusal_of_constraint(error)
    return TemporarilyUnavailable() if is_unavailable(error) else None


def is_unavailable(error: Exception) -> bool:
    """It wasn't the statement's fault: the same one may succeed later."""
    return isinstance(error, OperationalError | InterfaceError) or sqlstate(error) in PASSING_STATES


def is_passing(error: Exception) -> bool:
    """It is worth another attempt right now. A lost connection and a pool without a free one come without any state."""
    state = sqlstate(error)
    if state is None:
        return is_unavailable(error)
    return state in PASSING_STATES or state.startswith(CONNECTION_CLASS)


def sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _refusal_of_constraint(error: IntegrityError) -> Refusal | None:
    state, diagnosis = sqlstate(error), getattr(error.__cause__, "diag", None)
    if state == UNIQUE_VIOLATION and diagnosis is not None:
        fields = _fields_of_key(diagnosis.table_name, diagnosis.message_detail)
        return Duplicate(fields=fields, constraint=diagnosis.constraint_name)
    return Unrelated(constraint=diagnosis.constraint_name) if state == FOREIGN_KEY_VIOLATION and diagnosis else None


def _fields_of_key(table: str | None, detail: str | None) -> list[str]:
    """From `Key (lower(email::text), asset_id)=(…) already exists.`, in whatever language; the values stay unread."""
    key, between, _values = (detail or "").partition(")=(")
    words = re.findall(r"\w+", key.partition("(")[2]) if between else []
    names = {field.column: field.name for field in _columns_of(table)}
    return [names[word] for word in words if word in names] or words


def _columns_of(table: str | None) -> list[Any]:
    found: list[type[Model]] = [model for model in apps.get_models() if model._meta.db_table == table]
    return [field for model in found[:1] for field in model._meta.concrete_fields]
