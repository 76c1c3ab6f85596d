"""Numbers for audit rows, and the chain of their hashes, behind the commit of what they record."""

from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.audit.chain import FIRST_PREVIOUS, chained_hash
from aeghash.core.errors import Refusal
from aeghash.core.models import AuditHorizon, AuditSeal

BATCH: Final = 5000

# By transaction first: whatever commits behind the horizon has a higher transaction id than all before it, so the order
# never has to go back. Ids alone won't do: the rows of a slow transaction turn up below those already sealed.
SEALABLE: Final = """
    SELECT id, transaction_id, canonical FROM audit_rows
    WHERE (transaction_id, id) > (%s::xid8, %s) AND transaction_id < %s::xid8
    ORDER BY transaction_id, id LIMIT %s
"""
PUT: Final = """
    INSERT INTO audit_seals (number, audit_id, audit_transaction_id, hash, sealed_at)
    SELECT *, %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[], %s::xid8[], %s::bytea[])
"""

Row = tuple[int, str, str]


class AnotherClustersTrail(Refusal):
    """A restored dump starts transaction ids anew, and rows of both counts can't be put into one order."""

    code = "another_clusters_trail"
    sentence = _(
        "The audit trail is sealed up to transaction %(sealed)s, but this database is only at %(current)s: it was "
        "restored from a dump. Move it beyond that with pg_resetwal (--epoch, --next-transaction-id) first."
    )


def seal_audit() -> int:
    """Seal all that can be sealed now; returns how many rows that were.

    Any number may run at once and any may die at any point: a batch is one transaction, under the lock of one row.
    """
    sealed = 0
    while (count := seal_batch()) == BATCH:
        sealed += count
    return sealed + count


def seal_batch() -> int:
    with transaction.atomic(durable=True):
        horizon = lock_horizon()
        last = AuditSeal.objects.order_by("number").last()
        oldest = oldest_running_transaction(last)
        rows = sealable(last, oldest)
        put_seals(rows, last)
        if len(rows) < BATCH:
            horizon.transaction_id, horizon.looked_at = oldest, clock.now()
            horizon.save(update_fields=["transaction_id", "looked_at"])
    return len(rows)


def lock_horizon() -> AuditHorizon:
    """Two sealers that read the same last seal would give its number twice, and one would die of the primary key."""
    return AuditHorizon.objects.select_for_update().get()


def oldest_running_transaction(last: AuditSeal | None) -> int:
    """Asked before the rows are read, never after: what has ended by now is visible to the later statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(now), pg_snapshot_xmax(now) FROM pg_current_snapshot() AS now")
        oldest, next_one = map(int, cursor.fetchone())
    if last and last.audit_transaction_id >= next_one:
        raise AnotherClustersTrail(sealed=last.audit_transaction_id, current=next_one)
    return oldest


def sealable(last: AuditSeal | None, oldest: int) -> list[Row]:
    position = (str(last.audit_transaction_id), last.audit_id) if last else ("0", 0)
    with connection.cursor() as cursor:
        cursor.execute(SEALABLE, (*position, str(oldest), BATCH))
        return list(cursor.fetchall())


def put_seals(rows: list[Row], last: AuditSeal | None) -> None:
    first, previous = (last.number + 1, bytes(last.hash)) if last else (1, FIRST_PREVIOUS)
    numbers = list(range(first, first + len(rows)))
    hashes = []
    for number, (_id, _transaction, canonical) in zip(numbers, rows, strict=True):
        previous = chained_hash(previous, number, canonical)
        hashes.append(previous)
    ids, transactions = [row[0] for row in rows], [row[1] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(PUT, (clock.now(), numbers, ids, transactions, hashes))
