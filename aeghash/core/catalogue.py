"""The catalogue of invariants: sentences that must always hold, each with a query whose rows are the violations.

An app keeps its entries in its `invariants.py`:

    catalogue.add(Invariant("L4", "No balance is negative.", "SELECT id FROM balances WHERE amount < 0"))

A query may use %(now)s. One in the form "since the last watermark" also uses %(since)s, the transaction id up to which
the invariant was last found to hold, and looks only at rows that came with that transaction or a later one.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.utils.module_loading import autodiscover_modules

from aeghash.core import clock

MOST_SHOWN: Final = 100


@dataclass(frozen=True)
class Invariant:
    id: str
    sentence: str
    query: str
    since_query: str = ""  # left out: the full form is quick enough to be the only one


@dataclass(frozen=True)
class Finding:
    invariant: Invariant
    violations: list[dict[str, Any]]  # at most MOST_SHOWN
    seconds: float
    more: bool = field(default=False)

    @property
    def holds(self) -> bool:
        return not self.violations


_entries: dict[str, Invariant] = {}


def add(*invariants: Invariant) -> None:
    for invariant in invariants:
        if _entries.setdefault(invariant.id, invariant) != invariant:
            raise ValueError(f"there are two invariants {invariant.id}")


def entries() -> list[Invariant]:
    autodiscover_modules("invariants")
    return [_entries[name] for name in sorted(_entries)]


def look(invariant: Invariant, *, since: int | None = None) -> Finding:
    """With `since`, only at what came after it, if the invariant has that form."""
    query = invariant.since_query if since is not None and invariant.since_query else invariant.query
    started = time.monotonic()
    rows = run(f"SELECT * FROM ({query}) AS violations LIMIT {MOST_SHOWN + 1}", since or 0)  # noqa: S608 - our own words
    return Finding(invariant, rows[:MOST_SHOWN], time.monotonic() - started, more=len(rows) > MOST_SHOWN)


def look_at_all(*, only: Collection[str] = ()) -> list[Finding]:
    """Every invariant in its full form, on what the current transaction sees."""
    return [look(invariant) for invariant in entries() if not only or invariant.id in only]


def run(query: str, since: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"now": clock.now(), "since": str(since)})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
