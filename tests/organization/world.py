"""Members, orders and ranks that the screens and the API are looked at with."""

from datetime import timedelta
from decimal import Decimal

from aeghash.core import clock
from organization.models import Channel, Member, Order, RankCause, RankChange, Refund, Side
from organization.operations.join_member import join_member
from organization.operations.set_center import set_center
from tests.organization import planted

NAMES = ("김민준", "이서연", "박도윤", "최하은", "정지우", "강서준", "조예준", "윤수아")


def fill(each: int = 3) -> list[Member]:
    """A company, its first member, and below that member so many more than two that some spill over."""
    members: list[Member] = []
    for number in range(each + 3):
        sponsor = members[min(number - 1, 1)] if number else None
        members.append(join(number, sponsor, Side.LEFT if number == 2 else None))
    for number, member in enumerate(members[:each]):
        planted.sell(member, f"{(number + 1) * 120}.5", days_ago=number)
        sell(number, member, is_refunded=number == 0)
        RankChange.objects.create(
            member=member, before="FREE", after="D0", cause=RankCause.RULE, reason={"direct_referrals": 10 + number}
        )
    set_center(member=members[1], is_center=True, referrer=members[0], reason="첫 센터")
    return members


def join(number: int, sponsor: Member | None, side: Side | None = None) -> Member:
    return join_member(
        uid=f"m{number}@mall.example", email=f"m{number}@mail.example", name=NAMES[number % len(NAMES)], sponsor=sponsor,
        side=side,
    )  # fmt: skip


def sell(number: int, buyer: Member, *, is_refunded: bool = False) -> Order:
    order = Order.objects.create(
        source="aegmall",
        source_id=f"A-{number:05d}",
        buyer=buyer,
        total_amount=Decimal("149.90"),
        pv_amount=Decimal("120.5"),
        channel=Channel.ONLINE,
        center=None,
        paid_at=clock.now() - timedelta(hours=number),
        metadata={"cart": number},
    )
    if is_refunded:
        Refund.objects.create(order=order, reason="단순 변심", refunded_at=clock.now())
    return order
