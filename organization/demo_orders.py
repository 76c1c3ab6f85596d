"""The organisation's part of the demo that is bought: 90 days of orders, a few taken back, some in a center."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.operations.record import record
from aeghash.core.rows import create_many
from organization import days
from organization.models import Channel, Member, Order, Refund
from organization.operations.raise_ranks import raise_ranks
from organization.operations.roll_up_volumes import roll_up_volumes
from organization.operations.set_center import set_center

SOURCE: Final = "demo"
DAYS: Final = 90
AT_FIRST: Final = 12  # orders a day
AT_LAST: Final = 55
WEEKEND: Final = 0.55  # of a working day's
PV_SHARE: Final = Decimal("0.8")
PACKAGES: Final = {Decimal(60): 50, Decimal(120): 30, Decimal(300): 15, Decimal(1200): 5}  # USD: how often
REFUNDED: Final = 0.02
CENTERS: Final = 6
IN_A_CENTER: Final = 0.3

Chance = random.Random


def seed_orders(members: Sequence[Member]) -> None:
    """Made of a fixed chance, so that every demo looks alike; a second run changes nothing.

    Not by `record_order`: thousands of single transactions would be half a minute of whoever wants to have a look.
    """
    if not members or Order.objects.filter(source=SOURCE).exists():
        return
    chance = Chance(20261121)
    with transaction.atomic():
        centers = [_center(member) for member in chance.sample(members, min(CENTERS, len(members)))]
        orders = create_many(list(_orders(chance, members, centers)))
        refunds = create_many([_refund(chance, order) for order in orders if chance.random() < REFUNDED])
        record("orders.seeded", after={"orders": len(orders), "refunds": len(refunds)})
    raise_ranks()
    roll_up_volumes()


def _center(member: Member) -> Member:
    return set_center(member=member, is_center=True, referrer=member.sponsor, reason="demo")


def _orders(chance: Chance, members: Sequence[Member], centers: Sequence[Member]) -> list[Order]:
    moments = [moment for number in range(DAYS) for moment in _moments(chance, number)]
    return [_order(chance, number, moment, members, centers) for number, moment in enumerate(moments, 1)]


def _moments(chance: Chance, number: int) -> list[datetime]:
    """Of one day, mostly in the evening; today's only as far as today has come."""
    day = days.today() - timedelta(days=DAYS - 1 - number)
    begin, now = days.beginning_of(day), clock.now()
    hours = sorted(chance.triangular(7, 24, 20) for _ in range(_how_many(chance, number, day)))
    moments = [begin + timedelta(hours=hour) for hour in hours]
    return [moment for moment in moments if moment <= now]


def _how_many(chance: Chance, number: int, day: date) -> int:
    expected = AT_FIRST + (AT_LAST - AT_FIRST) * number / DAYS
    return round(expected * (WEEKEND if day.weekday() >= 5 else 1) * chance.uniform(0.8, 1.2))


def _order(
    chance: Chance, number: int, moment: datetime, members: Sequence[Member], centers: Sequence[Member]
) -> Order:
    joined = [member for member in members if member.created_at <= moment]
    (amount,) = chance.choices(list(PACKAGES), list(PACKAGES.values()))
    center = chance.choice(centers) if chance.random() < IN_A_CENTER else None
    return Order(
        source=SOURCE,
        source_id=f"DEMO-{number:05}",
        buyer=chance.choice(joined or members),
        total_amount=amount,
        pv_amount=amount * PV_SHARE,
        channel=chance.choice([Channel.OFFLINE_QR, Channel.POS]) if center else Channel.ONLINE,
        center=center,
        paid_at=moment,
        created_at=moment,
    )


def _refund(chance: Chance, order: Order) -> Refund:
    later = order.paid_at + timedelta(hours=chance.uniform(1, 96))
    return Refund(order=order, refunded_at=min(later, clock.now()), reason="단순 변심")
