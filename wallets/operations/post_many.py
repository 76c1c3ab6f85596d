"""Move many amounts at once."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import ACTOR, ENTRY, Entry, actor, refusals_raised_by_the_database

MOST_AT_ONCE: Final = 10_000  # of one statement's parameters: more come from SQL itself


@with_db_retry()
def post_many(*, entries: Sequence[Entry], batch: str, reason: str = "") -> int:
    """All or none, with one audit row that names the `batch`. Gives how many are new: those posted before are passed over.

    Refuses as `post` does; a balance is judged by what the whole batch leaves of it.
    """
    if len(entries) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} at once")
    if not entries:
        return 0
    rows = ", ".join([ENTRY] * len(entries))
    values = [value for entry in entries for value in entry.values()]
    with refusals_raised_by_the_database(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT ledger_post_many(ARRAY[{rows}], %s, {ACTOR})", [*values, batch, *actor(reason)])
        return int(cursor.fetchone()[0])
