"""What the tables of volumes must hold, counted the slow way: every order carried up both trees in Python."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from organization.days import day_of
from organization.models import DailyVolume, GroupRank, Member, Node, Order, Refund, Tree


@dataclass
class Day:
    personal_volume: Decimal = field(default=Decimal(0))
    group_volume: Decimal = field(default=Decimal(0))
    volume_left: Decimal = field(default=Decimal(0))
    volume_right: Decimal = field(default=Decimal(0))
    orders_count: int = 0
    group_joined: int = 0
    joined_left: int = 0
    joined_right: int = 0


Days = dict[tuple[int, date], Day]


def recounted() -> Days:
    days: Days = defaultdict(Day)
    for order in Order.objects.all():
        add(days, order.buyer_id, day_of(order.paid_at), order.pv_amount)
        days[order.buyer_id, day_of(order.paid_at)].orders_count += 1
    for refund in Refund.objects.select_related("order"):
        add(days, refund.order.buyer_id, day_of(refund.refunded_at), -refund.order.pv_amount)
    for member in Member.objects.all():
        day = day_of(member.created_at)
        for ancestor in above(member.pk, Tree.UNILEVEL):
            days[ancestor.member_id, day].group_joined += 1
        for side, ancestor in sides_above(member.pk):
            name = "joined_left" if side == "L" else "joined_right"
            setattr(days[ancestor.member_id, day], name, getattr(days[ancestor.member_id, day], name) + 1)
    return {key: row for key, row in days.items() if row != Day()}


def add(days: Days, buyer: int, day: date, pv: Decimal) -> None:
    days[buyer, day].personal_volume += pv
    for ancestor in above(buyer, Tree.UNILEVEL):
        days[ancestor.member_id, day].group_volume += pv
    for side, ancestor in sides_above(buyer):
        name = "volume_left" if side == "L" else "volume_right"
        setattr(days[ancestor.member_id, day], name, getattr(days[ancestor.member_id, day], name) + pv)


def above(member: int, tree: Tree) -> list[Node]:
    node = Node.objects.select_related("parent").get(member=member, tree=tree)
    ancestors = []
    while node.parent is not None:
        node = node.parent
        ancestors.append(node)
    return ancestors


def sides_above(member: int) -> list[tuple[str, Node]]:
    """Each binary ancestor with the side on which the member stands below it."""
    node = Node.objects.get(member=member, tree=Tree.BINARY)
    ancestors = []
    while node.parent is not None:
        ancestors.append((str(node.side), node.parent))
        node = node.parent
    return ancestors


def kept() -> Days:
    rows = {
        (row.member_id, row.day): Day(**{name: getattr(row, name) for name in asdict(Day())})
        for row in DailyVolume.objects.all()
    }
    return {key: row for key, row in rows.items() if row != Day()}


def ranks_recounted() -> dict[tuple[int, str], int]:
    ranks: dict[tuple[int, str], int] = defaultdict(int)
    for member in Member.objects.all():
        for ancestor in above(member.pk, Tree.UNILEVEL):
            ranks[ancestor.member_id, member.rank] += 1
    return dict(ranks)


def ranks_kept() -> dict[tuple[int, str], int]:
    return {(row.member_id, row.rank): row.members for row in GroupRank.objects.exclude(members=0)}
