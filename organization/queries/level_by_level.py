"""Sums over whole trees, each level from the one below: one statement, and every place is looked up once.

A recursive query may not aggregate over its own rows, but it may over what it unnests. So a level is one row of arrays, and
the next one groups them by their parents; a place that a million members share is passed once, not a million times.
"""

from typing import Final

# The events are rows (member_id, key, amount, count). The answer has rows per member and key with what came from below: from
# the unilevel tree (`group_…`), and from either side of the binary one.
LEVEL_BY_LEVEL: Final = """
    starts AS (
        SELECT depth, array_agg(nodes.id) AS nodes, array_agg(key) AS keys,
               array_agg(amount) AS amounts, array_agg(count) AS counts
        FROM ({events}) AS events
        JOIN organization_nodes AS nodes USING (member_id)
        WHERE nodes.tree IN ({trees})
        GROUP BY depth
    ),
    levels AS (
        (
            SELECT depth + 1 AS depth, '{{}}'::bigint[] AS members, '{{}}'::bigint[] AS parents, '{{}}'::text[] AS ways,
                   '{{}}'::{key_type}[] AS keys, '{{}}'::numeric[] AS amounts, '{{}}'::bigint[] AS counts,
                   '{{}}'::numeric[] AS group_amounts, '{{}}'::numeric[] AS left_amounts, '{{}}'::numeric[] AS right_amounts,
                   '{{}}'::bigint[] AS group_counts, '{{}}'::bigint[] AS left_counts, '{{}}'::bigint[] AS right_counts
            FROM starts ORDER BY depth DESC LIMIT 1
        )
        UNION ALL
        SELECT levels.depth - 1, level.*
        FROM levels
        LEFT JOIN starts ON starts.depth = levels.depth - 1
        CROSS JOIN LATERAL (
            SELECT array_agg(nodes.member_id), array_agg(nodes.parent_id), array_agg(coalesce(nodes.side, 'G'))::text[],
                   array_agg(key), array_agg(amount), array_agg(count),
                   array_agg(group_amount), array_agg(left_amount), array_agg(right_amount),
                   array_agg(group_count), array_agg(left_count), array_agg(right_count)
            FROM (
                SELECT node, key, sum(amount) AS amount, sum(count)::bigint AS count,
                       sum(amount) FILTER (WHERE way = 'G') AS group_amount,
                       sum(amount) FILTER (WHERE way = 'L') AS left_amount,
                       sum(amount) FILTER (WHERE way = 'R') AS right_amount,
                       sum(count) FILTER (WHERE way = 'G')::bigint AS group_count,
                       sum(count) FILTER (WHERE way = 'L')::bigint AS left_count,
                       sum(count) FILTER (WHERE way = 'R')::bigint AS right_count
                FROM (
                    SELECT *
                    FROM unnest(levels.parents, levels.ways, levels.keys, levels.amounts, levels.counts)
                        AS below (node, way, key, amount, count)
                    UNION ALL
                    SELECT node, NULL, key, amount, count
                    FROM unnest(starts.nodes, starts.keys, starts.amounts, starts.counts)
                        AS here (node, key, amount, count)
                ) AS given
                GROUP BY node, key
            ) AS sums
            JOIN organization_nodes AS nodes ON nodes.id = sums.node
        ) AS level
        WHERE levels.depth > 0
    ),
    below AS (
        SELECT sums.*
        FROM levels, unnest(members, levels.keys, group_amounts, left_amounts, right_amounts,
                            group_counts, left_counts, right_counts)
            AS sums (member_id, key, group_amount, left_amount, right_amount, group_count, left_count, right_count)
        WHERE coalesce(group_amount, left_amount, right_amount) IS NOT NULL
    )
"""


def level_by_level(events: str, *, key_type: str, trees: str = "'unilevel', 'binary'") -> str:
    """For `WITH RECURSIVE`: ends with a table `below` (member_id, key, and six sums, NULL where nothing came from there)."""
    return LEVEL_BY_LEVEL.format(events=events, key_type=key_type, trees=trees)
