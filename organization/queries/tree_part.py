"""A part of a tree, as the viewer and the API show it: level by level, bounded, and saying what was left out.

A tree may hold millions, one member may have a hundred thousand referrals, and a chain may be ten thousand deep: none of it
may make an answer large or slow.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from organization import days as company_days
from organization.models import DailyVolume, Node, Side

MOST_LEVELS: Final = 50
MOST_NODES: Final = 5_000
CHILDREN_AT_ONCE: Final = 100
MOST_COUNTED: Final = 20_000
MOST_ABOVE: Final = 30
VOLUMES: Final = ("personal_volume", "group_volume", "volume_left", "volume_right")
NO_VOLUMES: Final = dict.fromkeys(VOLUMES, Decimal(0))

# PostgreSQL works a recursive query off level by level and stops as soon as enough rows are read: whatever the tree's
# size, this reads no more than the limit, and all levels but the last one it touched are whole.
BELOW: Final = """
    WITH RECURSIVE below AS (
        SELECT id, parent_id, side, depth FROM organization_nodes WHERE parent_id = %s
        UNION ALL
        SELECT node.id, node.parent_id, node.side, node.depth
        FROM below JOIN organization_nodes node ON node.parent_id = below.id
    )
    SELECT id, parent_id, side, depth FROM below LIMIT %s
"""
ABOVE: Final = """
    WITH RECURSIVE above AS (
        SELECT parent_id AS id, 1 AS level FROM organization_nodes WHERE id = %s AND parent_id IS NOT NULL
        UNION ALL
        SELECT node.parent_id, above.level + 1
        FROM above JOIN organization_nodes node ON node.id = above.id
        WHERE node.parent_id IS NOT NULL AND above.level < %s
    )
    SELECT above.id, users.id, users.uid, users.name
    FROM above JOIN organization_nodes node ON node.id = above.id JOIN users ON users.id = node.member_id
    ORDER BY above.level DESC
"""

Line = tuple[int, int, str | None, int]  # id, parent, side, depth


@dataclass
class Counted:
    """How many stand below; where the tree was too large to be counted, at least so many."""

    children: int = 0
    left: int = 0
    right: int = 0
    all: int = 0
    is_exact: bool = True


@dataclass(frozen=True)
class TreePart:
    root: Node
    above: list[dict[str, Any]]
    nodes: list[dict[str, Any]] = field(default_factory=list)
    levels: int = 0
    is_cut_by_depth: bool = False
    is_cut_by_count: bool = False


def tree_part(*, root: Node, levels: int, days: int, after: int | None = None) -> TreePart:
    """The node and so many levels below it; with `after`, only its children behind that one, and what is below them."""
    lines, whole_to = _lines_below(root)
    counted = _counted(root, lines, whole_to)
    children = _children(root, lines, whole_to, after)
    shown, is_cut_by_count = _chosen(root, children, levels, is_first_page=after is None)
    rows = _described(shown, days)
    for row in rows:
        row["below"] = counted.get(row["id"], Counted())
    is_cut_by_depth = any(row["below"].children for row in rows if row["depth"] == root.depth + levels)
    return TreePart(root, _above(root), rows, levels, is_cut_by_depth, is_cut_by_count)


def _lines_below(root: Node) -> tuple[list[Line], int | None]:
    """And the deepest level of which all nodes were read; None if that is all there is."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [root.pk, MOST_COUNTED + 1])
        lines: list[Line] = cursor.fetchall()
    if len(lines) <= MOST_COUNTED:
        return lines, None
    return lines, lines[-1][3] - 1


def _counted(root: Node, lines: list[Line], whole_to: int | None) -> dict[int, Counted]:
    """From the leaves up: the lines come level by level, so that each node's own count is done before its parent's."""
    counted: dict[int, Counted] = defaultdict(Counted)
    for node, parent, side, depth in reversed(lines):
        own, above = counted[node], counted[parent]
        # Below the last whole level nobody looked.
        own.is_exact = own.is_exact and (whole_to is None or depth < whole_to)
        above.is_exact = above.is_exact and own.is_exact
        above.children += 1
        above.all += own.all + 1
        above.left += own.all + 1 if side == Side.LEFT else 0
        above.right += own.all + 1 if side == Side.RIGHT else 0
    counted[root.pk].is_exact = whole_to is None
    return counted


def _children(root: Node, lines: list[Line], whole_to: int | None, after: int | None) -> dict[int, list[int]]:
    """Of each node whose children are all known, in their order: left before right, then by time."""
    below: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for node, parent, side, depth in lines:
        if depth > root.depth + 1 and (whole_to is None or depth <= whole_to):
            below[parent].append((side or "", node))
    # Even if they alone are too many to be counted, their pages leave nobody out: an index has them in their order.
    first = Node.objects.filter(parent=root, pk__gt=after or 0).order_by("side", "pk")
    children = {parent: [node for _side, node in sorted(nodes)] for parent, nodes in below.items()}
    return {**children, root.pk: list(first.values_list("pk", flat=True)[: CHILDREN_AT_ONCE + 1])}


def _chosen(root: Node, children: dict[int, list[int]], levels: int, *, is_first_page: bool) -> tuple[list[int], bool]:
    """Level by level, so that a limit cuts the farthest off; and whether one did."""
    chosen, level, is_cut = [root.pk] if is_first_page else [], [root.pk], False
    for _ in range(levels):
        below: list[int] = []
        for node in level:
            of_node = children.get(node, [])
            room = min(CHILDREN_AT_ONCE, MOST_NODES - len(chosen) - len(below))
            below += of_node[:room]
            is_cut = is_cut or len(of_node) > room
        chosen += below
        level = below
    return chosen, is_cut


def _described(nodes: list[int], days: int) -> list[dict[str, Any]]:
    names = {
        "id": "pk", "parent": "parent_id", "side": "side", "depth": "depth", "member": "member_id",
        "uid": "member__user__uid", "name": "member__user__name", "referral_code": "member__referral_code",
        "rank": "member__rank", "is_center": "member__is_center", "is_active": "member__is_active",
    }  # fmt: skip
    found = Node.objects.filter(pk__in=nodes).values_list(*names.values())
    rows = {values[0]: dict(zip(names, values, strict=True)) for values in found}
    volumes = _volumes((row["member"] for row in rows.values()), days)
    for row in rows.values():
        row.update(volumes.get(row["member"], NO_VOLUMES))
    return [rows[node] for node in nodes]


def _volumes(members: Iterable[int], days: int) -> dict[int, dict[str, Decimal]]:
    before = company_days.today() - timedelta(days=days)
    rows = DailyVolume.objects.filter(member__in=list(members), day__gt=before).order_by().values("member")
    sums: Iterable[Any] = rows.annotate(**{name: Sum(name) for name in VOLUMES})
    return {row["member"]: {name: row[name] for name in VOLUMES} for row in sums}


def _above(root: Node) -> list[dict[str, Any]]:
    """From the top down; of a place very far below, only the nearest."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [root.pk, MOST_ABOVE])
        return [dict(zip(("id", "member", "uid", "name"), row, strict=True)) for row in cursor.fetchall()]
