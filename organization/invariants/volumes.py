"""The volumes' entries of the catalogue."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant
from organization.days import ZONE
from organization.models.volumes import ROLL_UP

# Not a second roll-up, but what must hold between neighbours: a member's row is its own orders and what the rows right below
# it say. Where that holds everywhere, each row is the sum over its whole tree. Each part is counted for, the row itself
# against: what doesn't come to zero is a violation. Only what the roll-up has come to by its watermark is looked at.
COUNTED: Final = f"xid < coalesce((SELECT position FROM watermarks WHERE name = '{ROLL_UP}'), 0)::text::xid8"  # noqa: S608

VOLUMES: Final = f"""
    WITH RECURSIVE events AS NOT MATERIALIZED (
        SELECT xid, buyer_id AS member_id, (paid_at AT TIME ZONE '{ZONE.key}')::date AS day,
               pv_amount AS pv, 1 AS orders, 0 AS joined
        FROM organization_orders WHERE {COUNTED}
        UNION ALL
        SELECT refunds.xid, buyer_id, (refunded_at AT TIME ZONE '{ZONE.key}')::date, -pv_amount, 0, 0
        FROM organization_refunds AS refunds JOIN organization_orders AS orders ON orders.id = order_id
        WHERE refunds.{COUNTED}
        UNION ALL
        SELECT xid, user_id, (created_at AT TIME ZONE '{ZONE.key}')::date, 0, 0, 1
        FROM organization_members WHERE {COUNTED}
    ),
    {{looked_at}}
    steps AS NOT MATERIALIZED (
        SELECT parent.member_id, child.member_id AS child_id, coalesce(child.side, 'G') AS way
        FROM organization_nodes AS child JOIN organization_nodes AS parent ON parent.id = child.parent_id
    ),
    parts AS (
        SELECT member_id, day, -personal_volume AS personal_volume, -group_volume AS group_volume,
               -volume_left AS volume_left, -volume_right AS volume_right, -orders_count AS orders_count,
               -group_joined AS group_joined, -joined_left AS joined_left, -joined_right AS joined_right
        FROM organization_metrics_daily {{own}}
        UNION ALL
        SELECT member_id, day, pv, 0, 0, 0, orders, 0, 0, 0 FROM events {{own}}
        UNION ALL
        SELECT steps.member_id, below.day, 0,
               CASE way WHEN 'G' THEN personal_volume + group_volume ELSE 0 END,
               CASE way WHEN 'L' THEN personal_volume + volume_left + volume_right ELSE 0 END,
               CASE way WHEN 'R' THEN personal_volume + volume_left + volume_right ELSE 0 END,
               0,
               CASE way WHEN 'G' THEN group_joined ELSE 0 END,
               CASE way WHEN 'L' THEN joined_left + joined_right ELSE 0 END,
               CASE way WHEN 'R' THEN joined_left + joined_right ELSE 0 END
        FROM steps JOIN organization_metrics_daily AS below ON below.member_id = child_id {{above}}
        UNION ALL
        SELECT steps.member_id, below.day, 0, 0, 0, 0, 0, (way = 'G')::int, (way = 'L')::int, (way = 'R')::int
        FROM steps JOIN events AS below ON below.member_id = child_id AND joined = 1 {{above}}
    )
    SELECT member_id, day::text AS "of", sum(personal_volume) AS personal_volume, sum(group_volume) AS group_volume,
           sum(volume_left) AS volume_left, sum(volume_right) AS volume_right, sum(orders_count) AS members_or_orders,
           sum(group_joined) AS group_joined, sum(joined_left) AS joined_left, sum(joined_right) AS joined_right
    FROM parts
    GROUP BY member_id, day
    HAVING sum(personal_volume) <> 0 OR sum(group_volume) <> 0 OR sum(volume_left) <> 0 OR sum(volume_right) <> 0
        OR sum(orders_count) <> 0 OR sum(group_joined) <> 0 OR sum(joined_left) <> 0 OR sum(joined_right) <> 0
"""  # noqa: S608 - our own words

# Whose rank changed after the watermark had the one before that.
GROUP_RANKS: Final = f"""
    WITH RECURSIVE {{looked_at}}
    held AS NOT MATERIALIZED (
        SELECT user_id AS member_id, sponsor_id, coalesce((
            SELECT before FROM organization_rank_history AS history
            WHERE member_id = user_id AND NOT history.{COUNTED} ORDER BY history.id LIMIT 1
        ), rank) AS rank
        FROM organization_members WHERE {COUNTED}
    ),
    parts AS (
        SELECT member_id, rank, -members AS members FROM organization_group_ranks {{own}}
        UNION ALL
        SELECT below.sponsor_id, rank, 1 FROM held AS below {{above}} WHERE below.sponsor_id IS NOT NULL
        UNION ALL
        SELECT below.sponsor_id, ranks.rank, members
        FROM held AS below JOIN organization_group_ranks AS ranks USING (member_id) {{above}}
        WHERE below.sponsor_id IS NOT NULL
    )
    SELECT member_id, rank AS "of", 0, 0, 0, 0, sum(members), 0, 0, 0
    FROM parts GROUP BY member_id, rank HAVING sum(members) <> 0
"""  # noqa: S608 - our own words

# What an order, a refund, a joining or a change of rank since then can be seen from.
VOLUMES_SINCE: Final = VOLUMES.format(
    looked_at="""
    upward AS (
        SELECT nodes.id, day FROM events JOIN organization_nodes AS nodes USING (member_id) WHERE xid >= %(since)s::xid8
        UNION
        SELECT nodes.parent_id, day FROM upward JOIN organization_nodes AS nodes USING (id) WHERE parent_id IS NOT NULL
    ),
    looked_at AS MATERIALIZED (SELECT DISTINCT member_id, day FROM upward JOIN organization_nodes AS nodes USING (id)),
    """,
    own="JOIN looked_at USING (member_id, day)",
    above="JOIN looked_at ON looked_at.member_id = steps.member_id AND looked_at.day = below.day",
)
GROUP_RANKS_SINCE: Final = GROUP_RANKS.format(
    looked_at="""
    looked_at AS (
        SELECT user_id AS member_id FROM organization_members WHERE xid >= %(since)s::xid8
        UNION
        SELECT member_id FROM organization_rank_history WHERE xid >= %(since)s::xid8
        UNION
        SELECT sponsor_id FROM looked_at JOIN organization_members ON user_id = member_id WHERE sponsor_id IS NOT NULL
    ),
    """,
    own="JOIN looked_at USING (member_id)",
    above="JOIN looked_at ON looked_at.member_id = below.sponsor_id",
)
EVERYTHING: Final = {"looked_at": "", "own": "", "above": ""}


catalogue.add(
    Invariant(
        "O3",
        "Daily volumes, and the ranks counted of each group, are what orders, refunds, joinings and ranks say.",
        query=f"({VOLUMES.format(**EVERYTHING)}) UNION ALL ({GROUP_RANKS.format(**EVERYTHING)})",
        since_query=f"({VOLUMES_SINCE}) UNION ALL ({GROUP_RANKS_SINCE})",
    )
)
