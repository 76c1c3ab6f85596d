"""The ledger's entries of the catalogue: the database makes most of them impossible, and this is the second look."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

NEW: Final = "t.xid >= %(since)s::xid8"
MOVING: Final = "t.kind IN ('post', 'settle')"

UNSOUND: Final = """
    SELECT t.id AS transfer, t.reference, t.asset_id AS asset, t.amount
    FROM transfers t LEFT JOIN assets a ON a.symbol = t.asset_id
    LEFT JOIN balances s ON s.id = t.source_id LEFT JOIN balances g ON g.id = t.target_id
    WHERE {which} AND (
        (t.amount > 0 AND t.amount < 1e20 AND scale(trim_scale(t.amount)) <= a.places) IS NOT TRUE
        OR t.source_id = t.target_id OR t.source_system = t.target_system
        OR num_nonnulls(t.source_id, t.source_system) <> 1 OR num_nonnulls(t.target_id, t.target_system) <> 1
        OR (t.source_id IS NOT NULL AND s.asset_id IS DISTINCT FROM t.asset_id)
        OR (t.target_id IS NOT NULL AND g.asset_id IS DISTINCT FROM t.asset_id)
    )
"""

# What the company's accounts hold by the transfers of `which`: (account, asset, amount).
SYSTEM_CHANGES: Final = f"""
    SELECT t.target_system AS account, t.asset_id, t.amount FROM transfers t
    WHERE {MOVING} AND t.target_system IS NOT NULL AND {{which}}
    UNION ALL
    SELECT t.source_system, t.asset_id, -t.amount FROM transfers t
    WHERE {MOVING} AND t.source_system IS NOT NULL AND {{which}}
"""  # noqa: S608 - our own words, here and below
POSITION: Final = (
    "coalesce((SELECT position FROM watermarks WHERE name = 'wallets.system_sums'), 0)::text::xid8"  # = SYSTEM_SUMS
)
UNBALANCED: Final = """
    SELECT 'all sides' AS account, asset_id AS asset, sum(amount) AS difference FROM (
        SELECT asset_id, amount FROM balances UNION ALL SELECT asset_id, amount FROM ({of_the_system}) accounts
    ) sides GROUP BY asset_id HAVING sum(amount) <> 0
"""
ALL_CHANGES: Final = SYSTEM_CHANGES.format(which="true")
SINCE_THE_CHECKPOINT: Final = f"""
    SELECT account, asset_id, amount FROM system_sums UNION ALL {SYSTEM_CHANGES.format(which=f"t.xid >= {POSITION}")}
"""  # noqa: S608
# In full the checkpoint itself is held against what it sums up.
WRONG_CHECKPOINT: Final = f"""
    SELECT account, asset_id, sum(amount) FROM (
        {SYSTEM_CHANGES.format(which=f"t.xid < {POSITION}")}
        UNION ALL SELECT account, asset_id, -amount FROM system_sums
    ) parts GROUP BY account, asset_id HAVING sum(amount) <> 0
"""  # noqa: S608

WRONG_BALANCE: Final = f"""
    SELECT b.id AS balance, b.amount, sums.amount AS of_its_transfers, b.locked_amount, sums.held AS of_its_holds
    FROM balances b CROSS JOIN LATERAL (
        SELECT
            coalesce((SELECT sum(t.amount) FROM transfers t WHERE t.target_id = b.id AND {MOVING}), 0)
            - coalesce((SELECT sum(t.amount) FROM transfers t WHERE t.source_id = b.id AND {MOVING}), 0) AS amount,
            coalesce((SELECT sum(t.amount) FROM transfers t WHERE t.source_id = b.id AND t.kind = 'hold'
                AND NOT EXISTS (SELECT FROM transfers r WHERE r.resolves_id = t.id)), 0) AS held
    ) sums
    WHERE (b.amount, b.locked_amount) IS DISTINCT FROM (sums.amount, sums.held) AND {{which}}
"""  # noqa: S608
TOUCHED: Final = f"""
    b.id IN (SELECT t.source_id FROM transfers t WHERE {NEW} UNION SELECT t.target_id FROM transfers t WHERE {NEW})
"""  # noqa: S608

OUT_OF_BOUNDS: Final = """
    SELECT id AS balance, amount, locked_amount FROM balances
    WHERE (amount >= 0 AND locked_amount >= 0 AND locked_amount <= amount AND amount < 'Infinity') IS NOT TRUE
"""

WRONG_RESOLUTION: Final = """
    SELECT t.id AS transfer, t.reference, t.resolves_id AS hold
    FROM transfers t LEFT JOIN transfers h ON h.id = t.resolves_id
    WHERE {which} AND t.resolves_id IS NOT NULL AND (
        h.kind IS DISTINCT FROM 'hold' OR t.kind NOT IN ('settle', 'release')
        OR (t.amount, t.asset_id, t.source_id) IS DISTINCT FROM (h.amount, h.asset_id, h.source_id)
        OR EXISTS (SELECT FROM transfers o WHERE o.resolves_id = t.resolves_id AND o.id <> t.id)
    )
"""

REPEATED: Final = """
    SELECT t.reference, count(*) AS times FROM transfers t GROUP BY t.reference HAVING count(*) > 1
"""
REPEATED_SINCE: Final = f"""
    SELECT t.reference, t.id AS transfer, o.id AS other FROM transfers t
    JOIN transfers o ON o.reference = t.reference AND o.id <> t.id WHERE {NEW}
"""  # noqa: S608

WRONG_DEBT: Final = """
    SELECT d.id AS debt, d.amount, coalesce(sum(
        CASE WHEN t.source_system = 'debts' THEN t.amount ELSE -t.amount END
    ), 0) AS of_its_transfers, max(b.amount - b.locked_amount) AS available
    FROM debts d LEFT JOIN transfers t ON t.debt_id = d.id
    LEFT JOIN balances b ON b.user_id = d.user_id AND b.asset_id = d.asset_id
    GROUP BY d.id
    HAVING d.amount <> coalesce(sum(CASE WHEN t.source_system = 'debts' THEN t.amount ELSE -t.amount END), 0)
        OR (d.amount > 0 AND max(b.amount - b.locked_amount) <> 0)
"""

catalogue.add(
    Invariant(
        "L1",
        "Every transfer has two different sides of its asset, and an amount above zero with no more places than that.",
        query=UNSOUND.format(which="true"),
        since_query=UNSOUND.format(which=NEW),
    ),
    Invariant(
        "L2",
        "Per asset, all balances and all sums of the company's accounts add up to zero.",
        query=f"{UNBALANCED.format(of_the_system=ALL_CHANGES)} UNION ALL ({WRONG_CHECKPOINT})",
        since_query=UNBALANCED.format(of_the_system=SINCE_THE_CHECKPOINT),
    ),
    Invariant(
        "L3",
        "A balance is the sum of its settled transfers, and its locked amount that of its open holds.",
        query=WRONG_BALANCE.format(which="true"),
        since_query=WRONG_BALANCE.format(which=TOUCHED),
    ),
    Invariant("L4", "No balance is negative, and none is locked beyond what it has.", query=OUT_OF_BOUNDS),
    Invariant(
        "L5",
        "A hold is resolved once at most, for the amount, asset and balance that it held.",
        query=WRONG_RESOLUTION.format(which="true"),
        since_query=WRONG_RESOLUTION.format(which=NEW),
    ),
    Invariant("L6", "No two transfers have one reference.", query=REPEATED, since_query=REPEATED_SINCE),
    Invariant(
        "L7",
        "A debt is what its transfers raised less what they paid, and nobody who owes has that asset available.",
        query=WRONG_DEBT,
    ),
)
