"""Volumes: whatever is bought, taken back or comes late, the tables say what a recount says."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from aeghash.core import clock
from organization.models import DailyVolume, Member, Order
from organization.operations.refund_order import refund_order
from organization.operations.roll_up_volumes import roll_up_volumes
from tests.organization.buying import bought
from tests.organization.counting import kept, ranks_kept, ranks_recounted, recounted
from tests.organization.planting import joined, planted
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> None:
    """Other databases of the same server may hold the horizon back for a moment."""

    def is_counted() -> bool:
        roll_up_volumes()
        return kept() == recounted()

    until(is_counted)


def test_an_order_counts_for_its_buyer_and_all_who_stand_above() -> None:
    root, left, right, below = planted([None, 0, 0, 1])
    bought(below, Decimal("10.5"))
    counted()
    row = DailyVolume.objects.get(member=root)
    volumes = [row.personal_volume, row.group_volume, row.volume_left, row.volume_right]
    assert volumes == [0, Decimal("10.5"), Decimal("10.5"), 0]
    assert DailyVolume.objects.get(member=below).personal_volume == Decimal("10.5")
    assert not DailyVolume.objects.filter(member=right).exists()
    assert DailyVolume.objects.get(member=left).orders_count == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_random_history_is_counted_as_a_recount_does(seed: int) -> None:
    chance = random.Random(seed)
    members = planted([None])
    for _ in range(12):
        for _ in range(chance.randrange(6)):
            happens(chance, members)
        counted()
        assert ranks_kept() == ranks_recounted()


def happens(chance: random.Random, members: list[Member]) -> None:
    what = chance.random()
    open_orders = list(Order.objects.filter(refund__isnull=True).order_by("pk"))
    if what < 0.4:
        members.append(joined(chance.choice(members)))
    elif what < 0.85 or not open_orders:
        late = timedelta(hours=chance.randrange(100))
        bought(chance.choice(members), Decimal(chance.randrange(10**6)) / 10**4, paid_at=clock.now() - late)
    else:
        refund_order(order=chance.choice(open_orders))
