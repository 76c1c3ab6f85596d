"""Move the checkpoint of the company's sums."""

from typing import Final

from django.db import connection

from aeghash.core import watermark
from aeghash.core.transactions import with_db_retry
from wallets.queries.books import SYSTEM_SUMS

ADD: Final = """
    INSERT INTO system_sums AS s (account, asset_id, amount)
    SELECT account, asset_id, sum(amount) FROM (
        SELECT target_system AS account, asset_id, amount FROM transfers
        WHERE xid >= %(start)s::xid8 AND xid < %(end)s::xid8 AND kind IN ('post', 'settle') AND target_system IS NOT NULL
        UNION ALL
        SELECT source_system, asset_id, -amount FROM transfers
        WHERE xid >= %(start)s::xid8 AND xid < %(end)s::xid8 AND kind IN ('post', 'settle') AND source_system IS NOT NULL
    ) changes GROUP BY account, asset_id
    ON CONFLICT (account, asset_id) DO UPDATE SET amount = s.amount + excluded.amount
"""


@with_db_retry()
def roll_system_sums() -> None:
    """Adds what was committed since the last time, so that reading the sums stays as quick as on the first day."""
    with watermark.consume(SYSTEM_SUMS) as window, connection.cursor() as cursor:
        cursor.execute(ADD, {"start": str(window.start), "end": str(window.end)})
