"""What must always hold of bonuses and closings."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

# Share by share: what is kept of a line is that line's part of the PV, and in sum nothing is missing or too much.
B1: Final = """
    WITH parts AS (
        SELECT order_id, type, level, amount FROM bonus_entries
            WHERE order_id IS NOT NULL AND type <> 'clawback' AND {orders}
        UNION ALL SELECT order_id, 'share', 0, amount FROM bonus_pool_shares WHERE NOT is_refund AND {orders}
        UNION ALL SELECT order_id, type, level, amount FROM bonus_unallocated WHERE {orders}
    ), kept AS (
        SELECT order_id, type, level, sum(amount) AS amount FROM parts GROUP BY order_id, type, level
    ), meant AS (
        SELECT a.order_id, l.type, l.level, a.pv * l.percentage * 0.01 AS amount
        FROM bonus_allocations a JOIN bonus_rule_lines l ON l.rule_id = a.rule_id WHERE {orders}
        UNION ALL
        SELECT a.order_id, '', 0, a.pv * (100 - coalesce(r.total_percentage, 0)) * 0.01
        FROM bonus_allocations a LEFT JOIN bonus_rules r ON r.id = a.rule_id WHERE {orders}
    )
    SELECT coalesce(k.order_id, m.order_id) AS "order", coalesce(k.type, m.type) AS type,
           coalesce(k.level, m.level) AS level,
           k.amount AS kept, m.amount AS meant
    FROM kept k FULL JOIN meant m ON m.order_id = k.order_id AND m.type = k.type AND m.level = k.level
    WHERE coalesce(k.amount, 0) <> coalesce(m.amount, 0)
    UNION ALL
    SELECT a.order_id, 'pv', 0, a.pv, o.pv_amount
    FROM bonus_allocations a JOIN organization_orders o ON o.id = a.order_id WHERE a.pv <> o.pv_amount AND {orders}
    UNION ALL
    SELECT order_id, 'percentage', level, amount, pv * percentage * 0.01 FROM bonus_entries
    WHERE order_id IS NOT NULL AND type <> 'clawback' AND amount <> trunc(pv * percentage * 0.01, 6) AND {orders}
"""
# Entries carry the transaction that wrote the order's rows, so the young ones name the orders to look at.
YOUNG: Final = "order_id IN (SELECT y.order_id FROM bonus_entries y WHERE y.xid >= %(since)s::xid8)"
B2: Final = """
    SELECT 'twice' AS flaw, order_id AS id, type || ' ' || level AS what, count(*)::numeric AS found, 1::numeric AS meant
    FROM bonus_entries WHERE order_id IS NOT NULL GROUP BY order_id, type, level, beneficiary_id HAVING count(*) > 1
    UNION ALL
    SELECT 'pool', c.id, 'shares', coalesce(s.amount, 0), c.pool
    FROM bonus_closings c
    LEFT JOIN (
        SELECT closing_id, sum(amount) AS amount FROM bonus_entries WHERE type = 'share' GROUP BY closing_id
    ) s ON s.closing_id = c.id
    WHERE c.status = 'closed' AND coalesce(s.amount, 0) NOT IN (0, c.pool)
    UNION ALL
    SELECT 'pool', c.id, 'contributions', coalesce(p.amount, 0) + c.pool_carried_in, c.pool
    FROM bonus_closings c
    LEFT JOIN (SELECT closing_id, sum(amount) AS amount FROM bonus_pool_shares GROUP BY closing_id) p ON p.closing_id = c.id
    WHERE c.status = 'closed' AND coalesce(p.amount, 0) + c.pool_carried_in <> c.pool
"""
# The hash itself is recomputed by `verify_closing`; its members' digests, which it is made of, are looked at here.
B3: Final = """
    SELECT 'outside a closing' AS flaw, e.id, NULL::bigint AS member FROM bonus_entries e
    WHERE e.status IN ('confirmed', 'retrying', 'failed')
        AND NOT EXISTS (SELECT FROM bonus_closings c WHERE c.id = e.closing_id AND c.status <> 'draft')
    UNION ALL
    SELECT 'entries differ', m.closing_id, m.member_id FROM bonus_closing_members m
    LEFT JOIN (
        SELECT closing_id, beneficiary_id, sum(amount) AS amount, array_agg(id ORDER BY id) AS ids FROM bonus_entries
        WHERE closing_id IS NOT NULL AND status <> 'pending' GROUP BY closing_id, beneficiary_id
    ) e ON e.closing_id = m.closing_id AND e.beneficiary_id = m.member_id
    WHERE e.amount IS DISTINCT FROM m.amount OR e.ids IS DISTINCT FROM m.entry_ids
    UNION ALL
    SELECT 'closed by nobody', e.closing_id, e.beneficiary_id FROM bonus_entries e
    WHERE e.status IN ('confirmed', 'retrying', 'failed') AND NOT EXISTS (
        SELECT FROM bonus_closing_members m WHERE m.closing_id = e.closing_id AND m.member_id = e.beneficiary_id
    )
    UNION ALL
    SELECT 'transfers differ', m.closing_id, m.member_id FROM bonus_closing_members m
    LEFT JOIN transfers t ON t.reference = 'bonus:' || m.closing_id || ':' || m.member_id AND t.asset_id = 'POINT'
        AND t.source_system = 'bonus_expense'
    LEFT JOIN transfers taken ON taken.reference = 'bonus:' || m.closing_id || ':' || m.member_id || ':taken'
    LEFT JOIN transfers owed ON owed.reference = 'bonus:' || m.closing_id || ':' || m.member_id || ':owed'
    WHERE coalesce(t.amount, 0) - coalesce(taken.amount, 0) - coalesce(owed.amount, 0)
        <> CASE WHEN m.status = 'credited' THEN m.amount ELSE 0 END
    UNION ALL
    SELECT 'hash missing', c.id, NULL FROM bonus_closings c WHERE c.status = 'closed' AND length(c.sha256) <> 64
    UNION ALL
    SELECT 'report differs', c.id, NULL FROM bonus_closings c
    LEFT JOIN (
        SELECT closing_id, sum(amount) AS amount, count(*) AS members FROM bonus_closing_members GROUP BY closing_id
    ) m ON m.closing_id = c.id
    WHERE c.status = 'closed' AND (
        (c.report ->> 'total')::numeric <> coalesce(m.amount, 0)
        OR (c.report ->> 'members')::bigint <> coalesce(m.members, 0)
    )
"""

catalogue.add(
    Invariant(
        "B1",
        "An order's entries and its unallocated part equal its PV, share by share.",
        B1.format(orders="true"),
        B1.format(orders=YOUNG),
    ),
    Invariant("B2", "No bonus stands twice, and a pool's parts sum to it.", B2),
    Invariant("B3", "What is confirmed belongs to a closing, whose credits, transfers and report agree.", B3),
)
