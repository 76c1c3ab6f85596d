"""The plan by the plainest reading, and what is kept of an order."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from bonus.models import Allocation, Entry, PoolShare, Rule, RuleLine, Unallocated
from bonus.operations.allocate_order import allocate_order
from organization.models import Member, Node, Order, Rank, Tree
from tests.organization.buying import bought
from tests.organization.trees import join

UNIT = Decimal("0.000001")


def line_of(count: int, name: str = "m") -> list[Member]:
    """The company and so many below it, each brought by the one before."""
    members = [join(f"{name}0")]
    for number in range(1, count):
        members.append(join(f"{name}{number}", members[-1]))
    return members


def paid(buyer: Member, pv: Decimal | int = 100, *, paid_at: datetime | None = None, **fields: Member) -> Order:
    with transaction.atomic():
        order = bought(buyer, pv, paid_at=paid_at, **fields)
        allocate_order(order=order)
    return order


def above(member: Member, tree: Tree) -> list[Member]:
    found = []
    node = Node.objects.get(member=member, tree=tree)
    while node.parent is not None:
        node = node.parent
        found.append(node.member)
    return found


def meant_for(order: Order, line: RuleLine) -> Member | None:
    """Who gets this line of this order, if somebody does."""
    holder: Member | None = None
    if line.type in ("referral", "sponsor"):
        line_above = above(order.buyer, Tree.UNILEVEL if line.type == "referral" else Tree.BINARY)
        holder = line_above[line.level - 1] if len(line_above) >= line.level else None
    elif order.center is not None:
        holder = order.center if line.type == "center" else order.center.center_referrer
    if (
        holder is None
        or (line.needs_active and not holder.is_active)
        or (line.type == "center" and not holder.is_center)
    ):
        return None
    ranks: Sequence[str] = Rank.values
    too_low = line.lowest_rank and ranks.index(holder.rank) < ranks.index(line.lowest_rank)
    return None if too_low else holder


def check_order(order: Order) -> None:
    """Line by line: what is kept is what the plan says, and nothing of the PV is missing or too much."""
    rule = Rule.objects.filter(pk=Allocation.objects.get(order=order).rule_id).first()
    expected = {}
    for line in rule.lines.all() if rule else ():
        part = order.pv_amount * line.percentage / 100
        amount = part.quantize(UNIT, ROUND_DOWN)
        holder = meant_for(order, line)
        goes = holder is not None or line.type == "share"
        entries = Entry.objects.filter(order=order, type=line.type, level=line.level)
        pool = PoolShare.objects.filter(order=order) if line.type == "share" else PoolShare.objects.none()
        if holder is not None and amount:
            assert [(entry.beneficiary, entry.amount) for entry in entries] == [(holder, amount)]
        else:
            assert not entries.exists()
        assert [share.amount for share in pool] == ([amount] if line.type == "share" and amount else [])
        expected[line.type, line.level] = part - (amount if goes else 0)
    expected["", 0] = order.pv_amount * (100 - (rule.total_percentage if rule else 0)) / 100
    kept: dict[tuple[str, int], Decimal] = {}
    for row in Unallocated.objects.filter(order=order):
        kept[row.type, row.level] = kept.get((row.type, row.level), Decimal(0)) + row.amount
    assert kept == {key: part for key, part in expected.items() if part}
