"""The trees' entries of the catalogue."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

# Each place is held against its parent and its children alone; what holds everywhere between neighbours holds for the whole
# tree, so nothing is walked: a cycle, say, shows by a depth that isn't one more than the parent's.
PLACES: Final = """
    SELECT tree, NULL::bigint AS node, 'a tree has several roots or none' AS flaw
    FROM organization_nodes GROUP BY tree HAVING count(*) FILTER (WHERE parent_id IS NULL) <> 1
    UNION ALL
    SELECT node.tree, node.id, CASE
        WHEN parent.id IS NULL THEN 'the parent is not there'
        WHEN parent.tree <> node.tree THEN 'the parent stands in the other tree'
        ELSE 'the depth is wrong' END
    FROM organization_nodes AS node LEFT JOIN organization_nodes AS parent ON parent.id = node.parent_id
    WHERE node.parent_id IS NOT NULL
        AND (parent.id IS NULL OR parent.tree <> node.tree OR node.depth <> parent.depth + 1)
    UNION ALL
    SELECT tree, id, 'the root is not at depth 0' FROM organization_nodes WHERE parent_id IS NULL AND depth <> 0
    UNION ALL
    SELECT 'binary', parent_id, 'two children stand on one side' FROM organization_nodes
    WHERE tree = 'binary' AND parent_id IS NOT NULL GROUP BY parent_id, side HAVING count(*) > 1
    UNION ALL
    SELECT 'binary', node.id, 'the shallowest free slot is not where it is said to be'
    FROM organization_nodes AS node
    LEFT JOIN (
        SELECT parent_id, count(*) AS children, min(min_open) AS shallowest
        FROM organization_nodes WHERE tree = 'binary' GROUP BY parent_id
    ) AS below ON below.parent_id = node.id
    WHERE node.tree = 'binary'
        AND node.min_open IS DISTINCT FROM CASE WHEN below.children >= 2 THEN below.shallowest ELSE node.depth + 1 END
    UNION ALL
    SELECT trees.tree, member.user_id, 'a member has no place or several'
    FROM organization_members AS member CROSS JOIN (VALUES ('unilevel'), ('binary')) AS trees (tree)
    LEFT JOIN organization_nodes AS node ON node.member_id = member.user_id AND node.tree = trees.tree
    GROUP BY trees.tree, member.user_id HAVING count(node.id) <> 1
    UNION ALL
    SELECT node.tree, node.id, 'the referral tree does not follow the sponsor'
    FROM organization_nodes AS node
    JOIN organization_members AS member ON member.user_id = node.member_id
    LEFT JOIN organization_nodes AS parent ON parent.id = node.parent_id
    WHERE node.tree = 'unilevel' AND parent.member_id IS DISTINCT FROM member.sponsor_id
"""

# What the log must say, by the places, held against what it says.
SPILLOVERS: Final = """
    SELECT coalesce(due.member_id, logged.member_id) AS member, CASE
        WHEN logged.id IS NULL THEN 'a spillover was not logged'
        WHEN due.member_id IS NULL THEN 'what was logged was no spillover'
        ELSE 'the log says something else than the places' END AS flaw
    FROM (
        SELECT node.member_id, member.sponsor_id, parent.member_id AS parent_id, node.side,
            node.depth - above.depth AS level
        FROM organization_nodes AS node
        JOIN organization_nodes AS parent ON parent.id = node.parent_id
        JOIN organization_members AS member ON member.user_id = node.member_id
        LEFT JOIN organization_nodes AS above ON above.member_id = member.sponsor_id AND above.tree = 'binary'
        WHERE node.tree = 'binary' AND parent.member_id IS DISTINCT FROM member.sponsor_id
    ) AS due
    FULL JOIN organization_spillovers AS logged ON logged.member_id = due.member_id
    WHERE (due.sponsor_id, due.parent_id, due.side, due.level)
        IS DISTINCT FROM (logged.sponsor_id, logged.parent_id, logged.side, logged.level)
"""

catalogue.add(
    Invariant(
        "O1",
        "Each tree has one root and every member once, no orphan, no cycle and no side taken twice; every depth and every "
        "shallowest free slot is right, and the referral tree follows the sponsors.",
        query=PLACES,
    ),
    Invariant(
        "O2",
        "Whoever stands under somebody else than the sponsor is in the log of spillovers, with the place, and nobody else.",
        query=SPILLOVERS,
    ),
)
