"""Looking at the whole database as it was at one instant, without holding anybody up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def read_only_snapshot() -> Iterator[int]:
    """Within it every query sees the same commits. Gives the oldest transaction that was still running then.

    Whatever that one and later ones write may be missing from the picture; everything before is in it.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")  # a look at everything takes longer than any act may
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())")
            (oldest,) = cursor.fetchone()
        yield int(oldest)
