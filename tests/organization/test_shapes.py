"""Volumes and ranks in trees as lopsided as they come."""

from decimal import Decimal

import pytest

from aeghash.core import catalogue
from organization.models import Channel, DailyVolume, Member, Order
from organization.operations.raise_ranks import raise_ranks
from organization.operations.recompute_ranks import recompute_ranks
from organization.operations.roll_up_volumes import roll_up_volumes
from tests.organization.planting import chain, star
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [200, pytest.param(10_000, marks=pytest.mark.prove)]
STARS = [300, pytest.param(100_000, marks=pytest.mark.prove)]


def everybody_buys(members: list[Member]) -> None:
    Order.objects.bulk_create(
        Order(
            source="mall",
            source_id=str(member.pk),
            buyer=member,
            total_amount=Decimal(200),
            pv_amount=Decimal("0.5"),
            channel=Channel.ONLINE,
            paid_at=member.created_at,
        )
        for member in members
    )
    until(lambda: roll_up_volumes() >= len(members))


@pytest.mark.parametrize("length", SIZES)
def test_a_chain_is_counted_to_its_end(length: int) -> None:
    members = chain(length)
    everybody_buys(members)
    kept = dict(DailyVolume.objects.values_list("member", "volume_left"))
    assert [kept[member.pk] for member in members] == [Decimal(length - 1 - n) / 2 for n in range(length)]
    kept = dict(DailyVolume.objects.values_list("member", "group_volume"))
    assert [kept[member.pk] for member in members] == [Decimal(length - 1 - n) / 2 for n in range(length)]
    (o3,) = [entry for entry in catalogue.entries() if entry.id == "O3"]
    assert catalogue.look(o3).holds


@pytest.mark.parametrize("length", SIZES)
def test_ranks_rise_through_a_chain(length: int) -> None:
    """Nobody has two referrals, so own sales decide: all become D0, whichever way one looks."""
    members = chain(length)
    everybody_buys(members)
    until(lambda: raise_ranks() == length or not Member.objects.filter(rank="FREE").exists())
    assert recompute_ranks() == 0
    assert set(Member.objects.values_list("rank", flat=True)) == {"D0"}


@pytest.mark.parametrize("size", STARS)
def test_a_star_is_counted_to_its_middle(size: int) -> None:
    members = star(size)
    everybody_buys(members)
    middle = DailyVolume.objects.get(member=members[0])
    assert middle.group_volume == middle.volume_left + middle.volume_right == Decimal(size - 1) / 2
    assert middle.group_joined == middle.joined_left + middle.joined_right == size - 1
    assert recompute_ranks() == size
    assert sorted(set(Member.objects.values_list("rank", flat=True))) == ["D0", "D1"]
    assert raise_ranks() == 0
