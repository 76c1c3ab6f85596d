"""What must always hold of what we ask the pool to move, and of what it pays us."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

# Gross or net of the fee, as the reconciler matches.
FITS: Final = "w.amount IN (p.amount, p.amount + p.fee, p.amount - p.fee)"
OPEN: Final = "('submitting', 'unknown', 'manual-review')"

W2: Final = """
    SELECT 'mining_withdrawals' AS table, id, reference, status FROM mining_withdrawals
    WHERE status IN ('submitted', 'completed') AND coalesce(remote_id, '') = ''
    UNION ALL SELECT 'mining_pool_orders', id, reference, status FROM mining_pool_orders
    WHERE status IN ('submitted', 'completed') AND coalesce(remote_id, '') = ''
    UNION ALL SELECT 'mining_withdrawals', min(id), min(reference), 'twice' FROM mining_withdrawals
    WHERE remote_id IS NOT NULL GROUP BY remote_id HAVING count(*) > 1
"""
W4: Final = f"""
    SELECT 'mining_withdrawals' AS table, coin AS what, amount, count(*) FROM mining_withdrawals
    WHERE status IN {OPEN} GROUP BY coin, amount HAVING count(*) > 1
    UNION ALL SELECT 'mining_pool_orders', kind, amount, count(*) FROM mining_pool_orders
    WHERE status IN {OPEN} GROUP BY kind, amount HAVING count(*) > 1
"""  # noqa: S608 - our own words
R1: Final = f"""
    SELECT p.remote_id, p.coin, p.amount, p.made_at FROM mining_pool_withdrawals p
    WHERE p.owner <> 'external' AND NOT EXISTS (SELECT FROM mining_withdrawals w WHERE w.remote_id = p.remote_id)
      AND NOT EXISTS (
          SELECT FROM mining_withdrawals w WHERE w.status IN {OPEN} AND w.coin = p.coin AND {FITS}
             AND w.marked_at <= p.made_at + interval '5 minutes'
      )
"""  # noqa: S608
# Members' parts are looked at twice: as we noted them, and as the ledger has them.
M1: Final = """
    SELECT a.day, a.coin, i.user_id, 'credited twice' AS flaw FROM mining_incomes i
    JOIN mining_allocations a ON a.id = i.allocation_id
    GROUP BY a.day, a.coin, a.sequence, i.user_id HAVING count(*) > 1
    UNION ALL
    SELECT a.day, a.coin, NULL, 'more than the pool paid'
    FROM (SELECT DISTINCT ON (day, coin) day, coin, total FROM mining_allocations ORDER BY day, coin, sequence DESC) a
    JOIN (
        SELECT a.day, a.coin, sum(i.amount) AS given FROM mining_incomes i
        JOIN mining_allocations a ON a.id = i.allocation_id GROUP BY a.day, a.coin
    ) g USING (day, coin)
    WHERE g.given > a.total
    UNION ALL
    SELECT a.day, a.coin, i.user_id, 'not what the ledger has'
    FROM mining_incomes i JOIN mining_allocations a ON a.id = i.allocation_id
    LEFT JOIN transfers t ON t.reference = 'mining:' || a.day
        || CASE WHEN a.sequence > 0 THEN '+' || a.sequence ELSE '' END || ':' || a.coin || ':' || i.user_id
    WHERE i.amount > 0 AND (t.amount IS DISTINCT FROM i.amount OR t.asset_id <> a.coin)
"""

catalogue.add(
    Invariant("W2.hashdam", "A submitted or completed call at the pool has an id, and no id is on two payouts.", W2),
    Invariant("W4.hashdam", "No two attempts are in flight that the pool's books could not tell apart.", W4),
    Invariant("R1", "Every withdrawal at the pool is ours, or may be an open attempt of ours, or was explained.", R1),
    Invariant(
        "M1", "No member has a day's income of a coin twice, and together they have no more than the pool paid.", M1
    ),
)
