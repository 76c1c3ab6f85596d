"""Places in the trees: who stands above, who below, and why somebody stands where he does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import prefetch_related_objects

from organization.models import Member, Node, Spillover, Tree

MEMBER_COLUMNS: Final = [field.attname for field in Member._meta.concrete_fields]
# psycopg has no type for `xid`, so it comes as text.
COLUMNS: Final = ", ".join(
    f"member.{field.column}{'::text::bigint' if field.name == 'xid' else ''}" for field in Member._meta.concrete_fields
)

ANCESTORS: Final = f"""
    WITH RECURSIVE way AS (
        SELECT parent_id, side, 0 AS level, member_id FROM organization_nodes
        WHERE member_id = %(member)s AND tree = %(tree)s
        UNION ALL
        SELECT node.parent_id, node.side, way.level + 1, node.member_id
        FROM way JOIN organization_nodes AS node ON node.id = way.parent_id
        WHERE way.level < %(levels)s
    )
    SELECT way.level, below.side, {COLUMNS}
    FROM way JOIN way AS below ON below.level = way.level - 1
    JOIN organization_members AS member ON member.user_id = way.member_id
    ORDER BY way.level
"""  # noqa: S608 - our own columns

SUBTREE: Final = """
    WITH RECURSIVE part AS (
        SELECT id, depth AS top, depth, ARRAY[]::varchar[] AS sides FROM organization_nodes WHERE id = %(node)s
        UNION ALL
        SELECT node.id, part.top, node.depth, part.sides || coalesce(node.side, lpad(node.id::text, 20, '0'))::varchar
        FROM part JOIN organization_nodes AS node ON node.parent_id = part.id
        WHERE part.depth < part.top + %(levels)s
    )
    SELECT node.* FROM part JOIN organization_nodes AS node USING (id) ORDER BY part.depth, part.sides LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """`level` 1 is the parent. `side` (binary) says on which side of this ancestor the member stands."""

    level: int
    side: str | None
    member: Member


def ancestors(*, member: Member, tree: Tree, levels: int) -> list[Ancestor]:
    """The nearest first, at most so many, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS, {"member": member.pk, "tree": tree.value, "levels": levels})
        return [
            Ancestor(level, side, Member.from_db("default", MEMBER_COLUMNS, columns))
            for level, side, *columns in cursor.fetchall()
        ]


def subtree(*, node: Node, levels: int, most: int = 5000) -> list[Node]:
    """The node and those below it, level by level, left before right, each with its member and user."""
    nodes = list(Node.objects.raw(SUBTREE, {"node": node.pk, "levels": levels, "most": most}))
    prefetch_related_objects(nodes, "member__user")
    return nodes


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a member stands in the binary tree where it does. `level` counts from the sponsor."""

    sponsor: Member | None
    asked_side: str | None
    parent: Member | None
    side: str | None
    level: int
    looked_at: int
    placed_at: datetime
    spilled_over: bool


def why_here(member: Member) -> Reason:
    node = Node.objects.select_related("parent__member", "member__sponsor").get(member=member, tree=Tree.BINARY)
    spillover = Spillover.objects.filter(member=member).first()
    return Reason(
        sponsor=node.member.sponsor,
        asked_side=node.asked_side,
        parent=node.parent.member if node.parent else None,
        side=node.side,
        level=spillover.level if spillover else int(node.parent_id is not None),
        looked_at=node.looked_at,
        placed_at=node.created_at,
        spilled_over=spillover is not None,
    )
