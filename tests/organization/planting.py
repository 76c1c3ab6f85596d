"""Organisations planted without the product's own placement: members, both trees, by the plainest search there is."""

from collections import deque
from collections.abc import Sequence
from itertools import count

from aeghash.core.models import User
from organization.models import Member, Node, Side, Spillover, Tree

_numbers = count(1)


def planted(sponsors: Sequence[int | None], *, under: Sequence[Member] = ()) -> list[Member]:
    """A member per entry, each under the one of that index (`under` comes first); the one with None is the root.

    Binary places: breadth-first under the sponsor, left before right.
    """
    members = list(under)
    for sponsor in sponsors:
        members.append(joined(None if sponsor is None else members[sponsor]))
    return members


def joined(sponsor: Member | None) -> Member:
    number = next(_numbers)
    user = User.objects.create(email=f"member-{number}@aeghash.example", uid=f"mall-{number}")
    member = Member.objects.create(user=user, referral_code=f"M{number}", sponsor=sponsor)
    if sponsor is None:
        Node.objects.create(tree=Tree.UNILEVEL, member=member, depth=0)
        Node.objects.create(tree=Tree.BINARY, member=member, depth=0, min_open=1)
        return member
    parent = Node.objects.get(tree=Tree.UNILEVEL, member=sponsor)
    Node.objects.create(tree=Tree.UNILEVEL, member=member, parent=parent, depth=parent.depth + 1)
    _place(member, sponsor)
    return member


def _place(member: Member, sponsor: Member) -> None:
    root = Node.objects.get(tree=Tree.BINARY, member=sponsor)
    parent, side = _first_open(root)
    depth = parent.depth + 1
    Node.objects.create(tree=Tree.BINARY, member=member, parent=parent, side=side, depth=depth, min_open=depth + 1)
    if parent.pk != root.pk:
        Spillover.objects.create(
            sponsor=sponsor, member=member, parent_id=parent.member_id, side=side, level=depth - root.depth
        )


def _first_open(root: Node) -> tuple[Node, Side]:
    waiting = deque([root])
    while True:
        node = waiting.popleft()
        children = {child.side: child for child in node.children.all()}
        for side in (Side.LEFT, Side.RIGHT):
            if side not in children:
                return node, side
            waiting.append(children[side])


def chain(length: int) -> list[Member]:
    """Each under the one before, in both trees, on the left."""
    return _planted_at_once([number - 1 for number in range(length)], [number - 1 for number in range(length)])


def star(size: int) -> list[Member]:
    """All under the first; their binary places fill level after level."""
    return _planted_at_once(
        [min(number, 1) - 1 for number in range(size)], [(number - 1) // 2 for number in range(size)]
    )


def _planted_at_once(sponsors: Sequence[int], parents: Sequence[int]) -> list[Member]:
    """The first is the root, whatever stands there for it; the others name those before them."""
    numbers = [next(_numbers) for _ in sponsors]
    users = User.objects.bulk_create(User(email=f"member-{n}@aeghash.example", uid=f"mall-{n}") for n in numbers)
    members = [Member(user=user, referral_code=f"M{n}") for user, n in zip(users, numbers, strict=True)]
    for index, member in enumerate(members[1:], 1):
        member.sponsor_id = members[sponsors[index]].user_id
    Member.objects.bulk_create(members)
    for tree, above in ((Tree.UNILEVEL, sponsors), (Tree.BINARY, parents)):
        Node.objects.bulk_create(_nodes(tree, members, above))
    return members


def _nodes(tree: Tree, members: list[Member], above: Sequence[int]) -> list[Node]:
    """Their numbers are counted here, since each names its parent's."""
    first = (Node.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 10**6
    nodes: list[Node] = []
    taken: set[int] = set()
    for index, member in enumerate(members):
        node = Node(pk=first + index, tree=tree, member=member, depth=0)
        if index:
            node.parent_id, node.depth = first + above[index], nodes[above[index]].depth + 1
        if tree == Tree.BINARY:
            node.min_open = node.depth + 1
            node.side = (Side.RIGHT if above[index] in taken else Side.LEFT) if index else None
            taken.update(above[index : index + 1] if index else ())
        nodes.append(node)
    return nodes
