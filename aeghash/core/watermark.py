"""Taking the rows that were committed since the last time: each once, none missed.

Ids and times are given when a row is inserted, but rows appear when their transaction commits, and a later id may well be
committed before an earlier one. Whoever remembers the highest id seen never sees what commits below it. So rows carry
their transaction's number (TransactionStampedModel), and a consumer takes only those whose transaction is older than
every one that is still running: below that line nothing can appear any more. The price is that one long transaction
holds every consumer back, for as long as it runs. A rolling sum keeps its total beside the watermark, moves both together,
and adds whatever it sees at or above the position.

The numbers belong to a cluster. A dump restored into a younger one brings rows and watermarks from its future, and what is
written there next would lie below the watermark and be skipped for ever: `consume` refuses instead (RestoredElsewhere).
The way out, with the server stopped: `pg_resetwal --epoch` to one above the highest position >> 32. Physical backups keep
the numbers and need nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from aeghash.core import clock
from aeghash.core.models import Watermark
from aeghash.core.transactions import opens_one

Row = TypeVar("Row", bound=Model)


class RestoredElsewhere(Exception):
    """A watermark lies beyond every transaction of this cluster."""


@dataclass(frozen=True, slots=True)
class Window:
    """The transactions from `start` to before `end`: what was committed since the last time, and won't change."""

    start: int
    end: int

    def of(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """For SQL of one's own: `xid >= start AND xid < end`."""
        return rows.filter(xid__gte=self.start, xid__lt=self.end)


@contextmanager
def consume(name: str) -> Iterator[Window]:
    """Opens a transaction in which the window's rows are this consumer's, and moves its watermark when that commits.

    What the consumer writes commits with it: killed at any moment, it either took the whole window or none of it. Another
    one of the same name waits meanwhile, and then finds what came after.
    """
    with opens_one():
        position = _locked_position(name)
        end = horizon()
        if end < position:
            raise RestoredElsewhere(f"{name} has come to transaction {position}, but this cluster only to {end}")
        yield Window(start=position, end=end)
        Watermark.objects.filter(name=name).update(position=end, moved_at=clock.now())


def horizon() -> int:
    """The oldest transaction that is still running; every row of an older one is there to be seen, or never will be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _locked_position(name: str) -> int:
    """The lock comes before the horizon: whoever waited for it must look at the time that has come since."""
    Watermark.objects.bulk_create([Watermark(name=name)], ignore_conflicts=True)
    return Watermark.objects.select_for_update().get(name=name).position
