"""The plan as it is sold, and the functions that share orders out by it and take them back."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import migrations

# Orders that have been shared out are passed over; whoever does so at the same moment waits for the other at the row in
# `bonus_allocations`. Exact throughout: a percentage is applied by multiplying, since a quotient would be rounded.
ALLOCATE = """
CREATE FUNCTION bonus_allocate(orders bigint[], at timestamptz) RETURNS bigint LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    ranks CONSTANT text[] := ARRAY['FREE', 'D0', 'D1', 'D2', 'D3', 'D4', 'D5'];
    unit_places CONSTANT int := (SELECT places FROM assets WHERE symbol = 'POINT');
    shared bigint;
BEGIN
    WITH RECURSIVE fresh AS (
        INSERT INTO bonus_allocations (order_id, buyer_id, center_id, pv, rule_id, paid_at, created_at)
        SELECT o.id, o.buyer_id, o.center_id, o.pv_amount, (
                SELECT r.id FROM bonus_rules r
                WHERE r.valid_from <= o.paid_at AND (r.valid_until IS NULL OR r.valid_until > o.paid_at)
            ), o.paid_at, bonus_allocate.at
        FROM organization_orders o WHERE o.id = ANY (orders) ORDER BY o.id
        ON CONFLICT DO NOTHING RETURNING *
    ), seen AS (
        SELECT f.order_id, n.tree, n.parent_id, 0 AS level, NULL::bigint AS member_id, (
                SELECT max(l.level) FROM bonus_rule_lines l
                WHERE l.rule_id = f.rule_id AND l.type = CASE n.tree WHEN 'unilevel' THEN 'referral' ELSE 'sponsor' END
            ) AS levels
        FROM fresh f JOIN organization_nodes n ON n.member_id = f.buyer_id
        UNION ALL
        SELECT s.order_id, s.tree, n.parent_id, s.level + 1, n.member_id, s.levels
        FROM seen s JOIN organization_nodes n ON n.id = s.parent_id WHERE s.level < s.levels
    ), meant AS (
        SELECT f.order_id, f.buyer_id, f.pv, f.rule_id, f.paid_at, l.type, l.level, l.percentage, l.lowest_rank,
               l.needs_active, f.center_id, f.pv * l.percentage * 0.01 AS part,
               CASE l.type WHEN 'center' THEN f.center_id WHEN 'center_referral' THEN c.center_referrer_id
                   WHEN 'share' THEN NULL ELSE s.member_id END AS member_id
        FROM fresh f JOIN bonus_rule_lines l ON l.rule_id = f.rule_id
        LEFT JOIN seen s ON s.order_id = f.order_id AND s.level = l.level AND s.level > 0
            AND s.tree = CASE l.type WHEN 'referral' THEN 'unilevel' WHEN 'sponsor' THEN 'binary' END
        LEFT JOIN organization_members c ON c.user_id = f.center_id AND l.type = 'center_referral'
    ), judged AS (
        SELECT m.*, trunc(m.part, unit_places) AS amount, h.rank, CASE
                WHEN m.type = 'share' THEN NULL
                WHEN m.type IN ('center', 'center_referral') AND m.center_id IS NULL THEN 'no_center'
                WHEN m.type = 'center_referral' AND m.member_id IS NULL THEN 'no_referrer'
                WHEN m.member_id IS NULL THEN 'nobody'
                WHEN m.type = 'center' AND NOT h.is_center THEN 'not_a_center'
                WHEN m.needs_active AND NOT h.is_active THEN 'inactive'
                WHEN m.lowest_rank <> ''
                    AND array_position(ranks, h.rank::text) < array_position(ranks, m.lowest_rank::text) THEN 'rank_too_low'
            END AS reason
        FROM meant m LEFT JOIN organization_members h ON h.user_id = m.member_id
    ), entries AS (
        INSERT INTO bonus_entries (
            order_id, buyer_id, beneficiary_id, type, level, pv, percentage, amount, rank, rule_id, status, due_at, created_at
        )
        SELECT order_id, buyer_id, member_id, type, level, pv, percentage, amount, rank, rule_id, 'pending', paid_at,
               bonus_allocate.at
        FROM judged WHERE reason IS NULL AND type <> 'share' AND amount > 0
        ORDER BY order_id, type, level
    ), pool AS (
        INSERT INTO bonus_pool_shares (order_id, is_refund, amount, due_at, status)
        SELECT order_id, false, amount, paid_at, 'pending' FROM judged WHERE type = 'share' AND amount > 0
    ), unallocated AS (
        INSERT INTO bonus_unallocated (order_id, type, level, amount, reason, member_id, rank)
        SELECT order_id, type, level, part, reason, member_id, coalesce(rank, '') FROM judged
            WHERE reason IS NOT NULL AND part > 0
        UNION ALL
        SELECT order_id, type, level, part - amount, 'rounding', member_id, coalesce(rank, '') FROM judged
            WHERE reason IS NULL AND part > amount
        UNION ALL
        SELECT f.order_id, '', 0, f.pv * (100 - coalesce(r.total_percentage, 0)) * 0.01,
               CASE WHEN r.id IS NULL THEN 'no_rule' ELSE 'not_in_plan' END, NULL, ''
            FROM fresh f LEFT JOIN bonus_rules r ON r.id = f.rule_id
            WHERE f.pv > 0 AND coalesce(r.total_percentage, 0) < 100
    )
    SELECT count(*) INTO shared FROM fresh;
    RETURN shared;
END $$
"""

# What no closing has taken is cancelled; what one has taken comes back by the next. The running closing's row is shared
# first: it waits between two chunks, and nobody meets anybody over the entries in another order.
REVERSE = """
CREATE FUNCTION bonus_reverse(refunded bigint, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bonus_allocate(ARRAY[refunded], at);
    PERFORM FROM bonus_closings WHERE status = 'running' FOR SHARE;
    INSERT INTO bonus_reversals (order_id, created_at) VALUES (refunded, at) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE bonus_entries SET status = 'cancelled' WHERE order_id = refunded AND status = 'pending';
    INSERT INTO bonus_entries (
        order_id, buyer_id, beneficiary_id, type, level, pv, percentage, amount, rank, rule_id, status, due_at, created_at
    )
    SELECT e.order_id, e.buyer_id, e.beneficiary_id, 'clawback', 0, e.pv, sum(e.percentage), -sum(e.amount),
           min(m.rank), e.rule_id, 'pending', min(e.due_at), at
    FROM bonus_entries e JOIN organization_members m ON m.user_id = e.beneficiary_id
    WHERE e.order_id = refunded AND e.status IN ('confirmed', 'retrying', 'failed')
    GROUP BY e.order_id, e.buyer_id, e.beneficiary_id, e.pv, e.rule_id ORDER BY e.beneficiary_id;
    UPDATE bonus_pool_shares SET status = 'cancelled' WHERE order_id = refunded AND status = 'pending';
    INSERT INTO bonus_pool_shares (order_id, is_refund, amount, due_at, status)
        SELECT order_id, true, -amount, due_at, 'pending' FROM bonus_pool_shares
        WHERE order_id = refunded AND status = 'taken';
    RETURN true;
END $$
"""


def seed_plan(apps, schema_editor):
    """As it is sold. Valid since before anybody joined."""
    alias = schema_editor.connection.alias
    rule = (
        apps.get_model("bonus", "Rule")
        .objects.using(alias)
        .create(valid_from=datetime(2020, 1, 1, tzinfo=UTC), total_percentage=Decimal(100))
    )
    line = apps.get_model("bonus", "RuleLine")
    referral = [30, 5, 5, 3, 2, 1, 1, 1, 1, 1]
    lines = [
        line(rule=rule, type="referral", level=level, percentage=Decimal(percentage), needs_active=True)
        for level, percentage in enumerate(referral, 1)
    ]
    lines += [
        line(rule=rule, type="sponsor", level=level, percentage=Decimal(1), needs_active=True) for level in range(1, 21)
    ]
    lines += [
        line(rule=rule, type="share", percentage=Decimal(20), lowest_rank="D2"),
        line(rule=rule, type="center", percentage=Decimal(8), lowest_rank="D3"),
        line(rule=rule, type="center_referral", percentage=Decimal(2), lowest_rank="D2"),
    ]
    line.objects.using(alias).bulk_create(lines)


class Migration(migrations.Migration):
    dependencies = [
        ("bonus", "0001_initial"),
        ("organization", "0003_volumes"),
        ("wallets", "0003_posting"),
    ]

    operations = [
        migrations.RunSQL(ALLOCATE, "DROP FUNCTION bonus_allocate(bigint[], timestamptz)"),
        migrations.RunSQL(REVERSE, "DROP FUNCTION bonus_reverse(bigint, timestamptz)"),
        migrations.RunPython(seed_plan, migrations.RunPython.noop),
    ]
