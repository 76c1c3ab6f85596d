"""The plan by the plainest reading, and what is kept of an order."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction

from bonus.models import Allocation, Entry, PoolShare, RuleLine, Unallocated
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


def paid(buyer: Member, pv: Decimal | int = 100, *, paid_at: datetime | None = None, **fields: Any) -> Order:
    with transaction.atomic():
        order = bought(buyer, pv, paid_at=paid_at, **fields)
        allocate_order(order=order)
    return order


def above(member: Member, tree: Tree) -> list[Member]:
    nodes = {node.pk: node for node in Node.objects.filter(tree=tree).select_related("member")}
    found = []
    node = next(node for node in nodes.values() if node.member_id == member.pk)
    while node.parent_id is not None:
        node = nodes[node.parent_id]
        found.append(node.member)
    return found


def meant_for(order: Order, line: RuleLine, lines_above: dict[str, list[Member]]) -> Member | None:
    """Who gets this line of this order, if somebody does."""
    holder: Member | None = None
    if line.type in lines_above:
        line_above = lines_above[line.type]
        holder = line_above[line.level - 1] if len(line_above) >= line.level else None
    elif line.type != "share" and order.center is not None:
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
    rule = Allocation.objects.select_related("rule").get(order=order).rule
    lines_above = {"referral": above(order.buyer, Tree.UNILEVEL), "sponsor": above(order.buyer, Tree.BINARY)}
    entries: dict[tuple[str, int], list[tuple[int, Decimal]]] = {}
    for entry in Entry.objects.filter(order=order):
        entries.setdefault((entry.type, entry.level), []).append((entry.beneficiary_id, entry.amount))
    pool = [share.amount for share in PoolShare.objects.filter(order=order)]
    expected, expected_pool = {}, []
    for line in rule.lines.all() if rule else ():
        part = order.pv_amount * line.percentage / 100
        amount = part.quantize(UNIT, ROUND_DOWN)
        holder = meant_for(order, line, lines_above)
        found = entries.pop((line.type, line.level), [])
        assert found == ([(holder.pk, amount)] if holder is not None and amount else [])
        if line.type == "share" and amount:
            expected_pool.append(amount)
        goes = holder is not None or line.type == "share"
        expected[line.type, line.level] = part - (amount if goes else 0)
    assert entries == {}  # nothing that no line asks for
    assert pool == expected_pool
    expected["", 0] = order.pv_amount * (100 - (rule.total_percentage if rule else 0)) / 100
    kept: dict[tuple[str, int], Decimal] = {}
    for row in Unallocated.objects.filter(order=order):
        kept[row.type, row.level] = kept.get((row.type, row.level), Decimal(0)) + row.amount
    assert kept == {key: part for key, part in expected.items() if part}
