"""Trees for tests, and the plainest possible way to say where somebody belongs."""

from collections import deque
from dataclasses import dataclass, field

from django.db import connection

from aeghash.core.actors import acting_as, job
from organization.models import Member, Node, Side, Tree
from organization.operations.join_member import join_member


def join(name: str, sponsor: Member | None = None, side: Side | None = None) -> Member:
    """`name` is the member's number as well."""
    with acting_as(job("test")):
        return join_member(uid=name, name=name, sponsor=sponsor, side=side)


def place_of(member: Member, tree: Tree = Tree.BINARY) -> Node:
    return Node.objects.get(member=member, tree=tree)


@dataclass
class Oracle:
    """A tree in memory, in which each newcomer's slot is searched breadth first."""

    children: dict[str, dict[str, str]] = field(default_factory=dict)

    def join(self, name: str, sponsor: str | None, side: str | None = None) -> None:
        if sponsor is not None:
            parent, slot = self.free_slot(sponsor, side)
            self.children[parent][slot] = name
        self.children[name] = {}

    def free_slot(self, sponsor: str, side: str | None) -> tuple[str, str]:
        if side is not None:
            taken = self.children[sponsor].get(side)
            if taken is None:
                return sponsor, side
            sponsor = taken
        waiting = deque([sponsor])
        while True:
            name = waiting.popleft()
            for slot in "LR":
                if slot not in self.children[name]:
                    return name, slot
                waiting.append(self.children[name][slot])


def tree_as_stored() -> dict[str, dict[str, str]]:
    """In the oracle's shape."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT child.uid, node.side, above.uid FROM organization_nodes node
            JOIN users child ON child.id = node.member_id
            LEFT JOIN organization_nodes parent ON parent.id = node.parent_id
            LEFT JOIN users above ON above.id = parent.member_id
            WHERE node.tree = 'binary'
            """
        )
        rows = cursor.fetchall()
    stored: dict[str, dict[str, str]] = {child: {} for child, _side, _parent in rows}
    for child, side, parent in rows:
        if parent is not None:
            stored[parent][side] = child
    return stored
