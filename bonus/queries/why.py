"""Why somebody was paid for an order, or wasn't: line by line, from what was written when it was shared out."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bonus.models import Allocation, BonusType, Entry, PoolShare, RuleLine, Unallocated
from organization.models import Member, Order, Tree
from organization.queries.places import ancestors


@dataclass(frozen=True)
class Line:
    """`part` is the line's part of the PV, `amount` what of it went to `member`; `outcome` a status or a reason."""

    type: str
    level: int
    percentage: Decimal | None
    part: Decimal
    member: Member | None
    rank: str
    amount: Decimal
    outcome: str
    sentence: str | Promise
    closing: int | None = None


@dataclass(frozen=True)
class Explanation:
    order: Order
    pv: Decimal
    rule: int | None
    lines: list[Line]
    unilevel_level: int | None = None
    binary_level: int | None = None


def explanation(*, order: Order, member: Member | None = None) -> Explanation | None:
    """Of the whole order, or what of it concerns one member, with how far above the buyer that member stands.

    None while the order hasn't been shared out, which takes a minute at most.
    """
    allocation = Allocation.objects.filter(order=order).first()
    if allocation is None:
        return None
    lines = sorted(
        [*_entries(order), *_unallocated(allocation), *_pool(order, member)],
        key=lambda line: (BonusType.values.index(line.type) if line.type else 99, line.level, line.outcome),
    )
    levels = dict.fromkeys(Tree.values) if member is None else {tree: _level(order, member, tree) for tree in Tree}
    if member is not None:
        lines = [line for line in lines if line.member == member]
    return Explanation(order, allocation.pv, allocation.rule_id, lines, levels[Tree.UNILEVEL], levels[Tree.BINARY])


def _entries(order: Order) -> list[Line]:
    rows = Entry.objects.filter(order=order).select_related("beneficiary__user")
    return [
        Line(
            type=row.type,
            level=row.level,
            percentage=row.percentage,
            part=row.pv * row.percentage / 100,
            member=row.beneficiary,
            rank=row.rank,
            amount=row.amount,
            outcome=row.status,
            sentence=row.get_status_display(),
            closing=row.closing_id,
        )
        for row in rows
    ]


def _unallocated(allocation: Allocation) -> list[Line]:
    percentages = {(line.type, line.level): line for line in RuleLine.objects.filter(rule=allocation.rule_id)}
    rows = Unallocated.objects.filter(order=allocation.order_id).select_related("member__user")
    found = []
    for row in rows:
        rule = percentages.get((row.type, row.level))
        sentence = f"{row.get_reason_display()}" + (f" ({rule.lowest_rank})" if rule and rule.lowest_rank else "")
        found.append(
            Line(
                type=row.type,
                level=row.level,
                percentage=rule.percentage if rule else None,
                part=row.amount,
                member=row.member,
                rank=row.rank,
                amount=Decimal(0),
                outcome=row.reason,
                sentence=sentence,
            )
        )
    return found


def _pool(order: Order, member: Member | None) -> list[Line]:
    """The order's part of a pool; for a member, what that pool gave them, or that they had no part in it."""
    shares = PoolShare.objects.filter(order=order).select_related("closing")
    found = []
    for share in shares:
        mine = Entry.objects.filter(closing=share.closing_id, type=BonusType.SHARE, beneficiary=member).first()
        has_none = member is not None and mine is None and share.closing_id is not None
        found.append(
            Line(
                type=BonusType.SHARE,
                level=0,
                percentage=None,
                part=share.amount,
                member=member,
                rank=mine.rank if mine else "",
                amount=mine.amount if mine else Decimal(0),
                outcome="not_in_pool" if has_none else share.status,
                sentence=_("had no part in the pool at its closing") if has_none else share.get_status_display(),
                closing=share.closing_id,
            )
        )
    return found


def _level(order: Order, member: Member, tree: Tree) -> int | None:
    """How far above the buyer, within what any plan pays."""
    above = ancestors(member=order.buyer, tree=tree, levels=100)
    return next((ancestor.level for ancestor in above if ancestor.member == member), None)
