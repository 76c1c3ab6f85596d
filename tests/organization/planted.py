"""Trees planted by plain inserts, so that what shows them can be tried at any size and shape."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from aeghash.core.models import User
from organization import days as company_days
from organization.models import DailyVolume, Member, Node, Rank, Side, Tree

FAMILY: Final = "김이박최정강조윤장임"
GIVEN: Final = ("민준", "서연", "도윤", "하은", "지우", "서준", "지민", "예준", "수아", "현우", "채원")


def plant(count: int, *, children: int = 3, names: bool = True) -> list[Member]:
    """So many members, each but the first sponsored by the one before `number // children`; binary places fill up level
    by level under the top. Returns them in the order of joining."""
    users = User.objects.bulk_create(
        User(
            email=f"m{number}@members.invalid",
            uid=f"m{number}@mall.example",
            name=full_name(number) if names else "",
            password="!",
        )
        for number in range(count)
    )
    members: list[Member] = []
    for number, user in enumerate(users):
        sponsor = members[(number - 1) // children] if number else None
        rank = Rank.values[number % len(Rank.values)] if number % 5 else Rank.FREE
        members.append(Member(user=user, referral_code=f"m{user.pk:07d}", sponsor=sponsor, rank=rank))
    Member.objects.bulk_create(members)
    place(members, Tree.UNILEVEL, lambda number: (number - 1) // children)
    place(members, Tree.BINARY, lambda number: (number - 1) // 2)
    return members


def full_name(number: int) -> str:
    return f"{FAMILY[number % len(FAMILY)]}{GIVEN[number % len(GIVEN)]}"


def place(members: list[Member], tree: Tree, parent_of: object) -> None:
    """Level by level, as parents must be there before their children."""
    nodes: list[Node] = []
    is_binary = tree == Tree.BINARY
    for number, member in enumerate(members):
        parent = nodes[parent_of(number)] if number else None  # type: ignore[operator]
        depth = parent.depth + 1 if parent else 0
        side = (Side.LEFT if number % 2 else Side.RIGHT) if is_binary and number else None
        nodes.append(
            Node(
                tree=tree,
                member=member,
                parent=parent,
                depth=depth,
                side=side,
                min_open=depth + 1 if is_binary else None,
            )
        )
    for level in levels(nodes):
        Node.objects.bulk_create(level)


def levels(nodes: list[Node]) -> list[list[Node]]:
    found: dict[int, list[Node]] = {}
    for node in nodes:
        found.setdefault(node.depth, []).append(node)
    return [found[depth] for depth in sorted(found)]


def chain(count: int) -> list[Member]:
    return plant(count, children=1)


def star(count: int) -> list[Member]:
    return plant(count, children=count)


def sell(member: Member, pv: str, *, days_ago: int = 0) -> None:
    """As the roll-up would have written it, for this member alone."""
    DailyVolume.objects.create(
        member=member,
        day=company_days.today() - timedelta(days=days_ago),
        personal_volume=Decimal(pv),
        group_volume=Decimal(pv) * 3,
        volume_left=Decimal(pv) * 2,
        volume_right=Decimal(pv),
        orders_count=1,
        group_joined=2,
        joined_left=1,
        joined_right=1,
    )


def node_of(member: Member, tree: Tree = Tree.BINARY) -> Node:
    return Node.objects.get(member=member, tree=tree)
