"""What the orders, refunds and joinings of some transactions add to the volumes, and to the ranks of groups."""

from typing import Final

from organization.queries.level_by_level import level_by_level

TAKEN: Final = "xid >= %(start)s::xid8 AND xid < %(end)s::xid8"

DAYS: Final = f"""
    SELECT member_id, day, sum(pv) AS pv, sum(orders) AS orders, sum(joined)::bigint AS joined
    FROM (
        SELECT buyer_id AS member_id, (paid_at AT TIME ZONE %(zone)s)::date AS day, pv_amount AS pv, 1 AS orders, 0 AS joined
        FROM organization_orders WHERE {TAKEN}
        UNION ALL
        SELECT buyer_id, (refunded_at AT TIME ZONE %(zone)s)::date, -pv_amount, 0, 0
        FROM organization_refunds AS refunds JOIN organization_orders AS orders ON orders.id = refunds.order_id
        WHERE refunds.{TAKEN.replace("AND xid", "AND refunds.xid")}
        UNION ALL
        SELECT user_id, (created_at AT TIME ZONE %(zone)s)::date, 0, 0, 1
        FROM organization_members WHERE {TAKEN}
    ) AS events
    GROUP BY member_id, day
"""  # noqa: S608 - our own words

VOLUMES: Final = f"""
    WITH RECURSIVE days AS ({DAYS}),
    {level_by_level("SELECT member_id, day AS key, pv AS amount, joined AS count FROM days", key_type="date")}
    SELECT member_id, key AS day, sum(own) AS personal_volume, coalesce(sum(group_amount), 0) AS group_volume,
           coalesce(sum(left_amount), 0) AS volume_left, coalesce(sum(right_amount), 0) AS volume_right,
           sum(orders) AS orders_count, coalesce(sum(group_count), 0) AS group_joined,
           coalesce(sum(left_count), 0) AS joined_left, coalesce(sum(right_count), 0) AS joined_right
    FROM (
        SELECT member_id, key, 0 AS own, 0 AS orders,
               group_amount, left_amount, right_amount, group_count, left_count, right_count
        FROM below
        UNION ALL
        SELECT member_id, day, pv, orders, NULL, NULL, NULL, NULL, NULL, NULL FROM days
        WHERE pv <> 0 OR orders <> 0
    ) AS parts
    GROUP BY member_id, key
"""  # noqa: S608 - our own words

# Whoever joins has the rank that the first change started from, or else the one of today.
STEPS: Final = f"""
    SELECT user_id AS member_id, coalesce(
        (SELECT before FROM organization_rank_history AS history WHERE member_id = user_id ORDER BY history.id LIMIT 1), rank
    )::text AS rank, 1 AS step
    FROM organization_members WHERE {TAKEN}
    UNION ALL
    SELECT member_id, steps.rank::text, steps.step
    FROM organization_rank_history, LATERAL (VALUES (before, -1), (after, 1)) AS steps (rank, step)
    WHERE {TAKEN}
"""  # noqa: S608 - our own words

GROUP_RANKS: Final = f"""
    WITH RECURSIVE steps AS ({STEPS}),
    net AS (
        SELECT member_id, rank AS key, 0 AS amount, sum(step)::bigint AS count
        FROM steps GROUP BY member_id, rank HAVING sum(step) <> 0
    ),
    {level_by_level("SELECT * FROM net", key_type="text", trees="'unilevel'")}
    SELECT member_id, key AS rank, sum(group_count) AS members
    FROM below WHERE group_count <> 0 GROUP BY member_id, key
"""  # noqa: S608 - our own words
