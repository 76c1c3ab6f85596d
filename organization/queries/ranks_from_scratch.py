"""The rank of every member by the rules, from the leaves of the unilevel tree to its root, a level at a time."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from organization.models import Rank
from organization.queries.rank_rules import HEIGHT, Rules

HOLDING: Final = ", ".join(f"count(*) FILTER (WHERE gets >= {height})" for height in HEIGHT.values())

# Like the sums of `level_by_level`: a level is a row of arrays, and finds the ranks below it settled. What a member has is
# the least it gets, and all that one gets whose rank is held. `holding[h]` counts the referrals of height h - 1 and more.
HEIGHTS: Final = f"""
    WITH RECURSIVE rules AS (
        SELECT * FROM unnest(%(heights)s::int[], %(direct)s::bigint[], %(sales)s::numeric[], %(below)s::bigint[])
            AS rules (height, direct, sales, below)
    ),
    direct AS (
        SELECT sponsor_id AS member_id, count(*) AS direct FROM organization_members GROUP BY sponsor_id
    ),
    sales AS (
        SELECT buyer_id AS member_id, sum(total_amount) AS sales FROM organization_orders AS orders
        WHERE NOT EXISTS (SELECT FROM organization_refunds AS refunds WHERE refunds.order_id = orders.id)
        GROUP BY buyer_id
    ),
    by_depth AS (
        SELECT depth, array_agg(user_id) AS members, array_agg(sponsor_id) AS sponsors, array_agg(is_rank_held) AS held,
               array_agg(has) AS has, array_agg(CASE WHEN is_rank_held THEN has ELSE greatest(has, (
                   SELECT max(height) FROM rules WHERE rules.direct <= direct.direct OR rules.sales <= sales.sales
               )) END) AS gets
        FROM organization_members AS members
        CROSS JOIN LATERAL (SELECT array_position(%(ranks)s::text[], rank::text) - 1 AS has) AS ranked
        JOIN organization_nodes AS nodes ON nodes.member_id = user_id AND tree = 'unilevel'
        LEFT JOIN direct ON direct.member_id = user_id
        LEFT JOIN sales ON sales.member_id = user_id
        GROUP BY depth
    ),
    levels AS (
        SELECT max(depth) + 1 AS depth, '{{}}'::bigint[] AS members, '{{}}'::bigint[] AS sponsors, '{{}}'::int[] AS has,
               '{{}}'::int[] AS gets
        FROM by_depth
        UNION ALL
        SELECT by_depth.depth, level.*
        FROM levels
        JOIN by_depth ON by_depth.depth = levels.depth - 1
        CROSS JOIN LATERAL (
            SELECT array_agg(member), array_agg(here.sponsor), array_agg(has), array_agg(CASE WHEN held THEN gets ELSE
                greatest(gets, (SELECT max(height) FROM rules WHERE rules.below <= holding[height]))
            END)
            FROM unnest(by_depth.members, by_depth.sponsors, by_depth.held, by_depth.has, by_depth.gets)
                AS here (member, sponsor, held, has, gets)
            LEFT JOIN (
                SELECT sponsor, ARRAY[{HOLDING}] AS holding
                FROM unnest(levels.sponsors, levels.gets) AS below (sponsor, gets)
                GROUP BY sponsor
            ) AS below ON below.sponsor = member
        ) AS level
    )
    SELECT members.member, members.gets
    FROM levels, unnest(members, has, gets) AS members (member, has, gets)
    WHERE members.gets > members.has
    ORDER BY levels.depth DESC, members.member
"""  # noqa: S608 - our own words


def ranks_from_scratch(rules: Rules) -> dict[int, str]:
    """Who has earned a higher rank than theirs, and which; whoever is deeper comes first."""
    in_force = list(rules.values())
    with connection.cursor() as cursor:
        cursor.execute(
            HEIGHTS,
            {
                "ranks": list(Rank.values),
                "heights": [HEIGHT[rule.rank] for rule in in_force],
                "direct": [rule.direct_referrals for rule in in_force],
                "sales": [rule.own_sales for rule in in_force],
                "below": [rule.referrals_of_rank_below for rule in in_force],
            },
        )
        return named(cursor.fetchall())


def named(rows: Iterable[tuple[int, int]]) -> dict[int, str]:
    return {member: str(Rank.values[height]) for member, height in rows}
