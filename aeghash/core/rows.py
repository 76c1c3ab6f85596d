"""What every app does with rows: search, pages, many at once, removal."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.deletion import Collector

from aeghash.core.database_errors import StillNeeded, translated

Row = TypeVar("Row", bound=Model)

LONGEST_SEARCH: Final = 200
BATCH: Final = 1000


def search(rows: QuerySet[Row], text: str, fields: Sequence[str]) -> QuerySet[Row]:
    """Rows in which each word stands somewhere in one of the fields, in any case; `%` and `_` are letters like others."""
    text = text[:LONGEST_SEARCH]
    if not _can_be_stored(text):
        return rows.none()
    for word in text.split():
        rows = rows.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)))
    return rows


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: Any | None  # what to give as `after` for the next page; None on the last one


def page(rows: QuerySet[Row], *, size: int, after: Any | None = None, by: str = "-pk") -> Page[Row]:
    """The rows that follow `after`, found by the index however far that is, and steady while others insert.

    `by` is a unique column, with `-` for the highest first.
    """
    column, direction = by.removeprefix("-"), "lt" if by.startswith("-") else "gt"
    if after is not None:
        rows = rows.filter(**{f"{column}__{direction}": after})
    found = list(rows.order_by(by)[: size + 1])
    return Page(found[:size], getattr(found[size - 1], column) if len(found) > size else None)


def create_many(rows: Sequence[Row]) -> list[Row]:
    """All of them or none, with their ids, in the order given. Raises Duplicate where one exists already."""
    if not rows:
        return []
    with translated(), transaction.atomic():
        return type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)


def remove(row: Model) -> None:
    """Takes the row out of the database if nothing hangs on it, whatever its foreign keys would do; else StillNeeded.

    What another transaction hangs on it in the same moment, its foreign key finds (Conflict): now, and not in the COMMIT
    of whoever called, to whom it would be a riddle.
    """
    with translated(), transaction.atomic():
        collector = Collector(using=DEFAULT_DB_ALIAS, origin=row)
        collector.collect([row])
        if _takes_others_along(collector, row):
            raise StillNeeded
        collector.delete()
        connection.check_constraints()


def _takes_others_along(collector: Collector, row: Model) -> bool:
    deleted = (other for instances in collector.data.values() for other in instances if other != row)
    unseen = (rows for rows in collector.fast_deletes if rows.exists())
    # Each is a queryset or a list, whatever the stubs say.
    emptied = (rows for updates in collector.field_updates.values() for rows in updates if rows)  # type: ignore[truthy-bool]
    return any(True for _ in chain(deleted, unseen, emptied))


def _can_be_stored(text: str) -> bool:
    """PostgreSQL knows neither NUL nor half a surrogate pair, so no row holds them."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)
