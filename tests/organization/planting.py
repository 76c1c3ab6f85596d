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
