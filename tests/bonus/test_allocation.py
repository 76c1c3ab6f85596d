from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeghash.core import clock
from bonus.models import Allocation, Entry, PoolShare, Reversal, Rule, RuleLine, Unallocated
from bonus.operations.allocate_backlog import allocate_backlog, reverse_backlog
from bonus.operations.allocate_order import allocate_order, allocate_orders
from bonus.operations.reverse_order import reverse_order
from organization.models import Member, Rank
from organization.operations.record_order import PV_PLACES
from organization.operations.refund_order import refund_order
from tests.bonus.shares import check_order, line_of, paid
from tests.core.audit.trail import wait_until_nobody_is_before
from tests.organization.buying import bought
from tests.organization.trees import join
from tests.races.together import run_together


@pytest.mark.django_db
def test_an_order_deep_in_the_trees_is_shared_out_to_the_last_unit() -> None:
    members = line_of(22)
    order = paid(members[-1], Decimal("123.4567"))
    assert Entry.objects.filter(type="referral").count() == 10
    assert Entry.objects.filter(type="sponsor").count() == 20
    check_order(order)


@pytest.mark.django_db
def test_levels_above_the_company_belong_to_nobody() -> None:
    root = join("root")
    check_order(paid(root, 100))
    assert not Entry.objects.exists()
    assert set(Unallocated.objects.values_list("reason", flat=True)) == {"nobody", "no_center"}


@pytest.mark.django_db
def test_whoever_does_not_qualify_is_skipped_and_the_reason_kept() -> None:
    members = line_of(4)
    Member.objects.filter(pk=members[2].pk).update(is_active=False)
    center = members[1]
    Member.objects.filter(pk=center.pk).update(is_center=True, center_referrer=members[0], rank="D2")
    center.refresh_from_db()
    order = paid(members[3], 100, center=center)
    check_order(order)
    kept = {row.type: row for row in Unallocated.objects.filter(order=order, level__lte=1).exclude(level=0, type="")}
    assert kept["referral"].reason == "inactive"
    assert kept["referral"].member == members[2]
    assert (kept["center"].reason, kept["center"].rank) == ("rank_too_low", "D2")
    assert kept["center_referral"].reason == "rank_too_low"


@pytest.mark.django_db
def test_the_center_and_who_referred_it_are_paid() -> None:
    members = line_of(3)
    center = members[1]
    Member.objects.filter(pk=members[0].pk).update(rank="D2")
    Member.objects.filter(pk=center.pk).update(is_center=True, center_referrer=members[0], rank="D3")
    center.refresh_from_db()
    order = paid(members[2], 100, center=center)
    check_order(order)
    assert Entry.objects.get(type="center").amount == 8
    assert Entry.objects.get(type="center_referral").beneficiary == members[0]


@pytest.mark.django_db
def test_an_order_shared_out_twice_is_paid_once() -> None:
    members = line_of(3)
    order = paid(members[-1])
    before = list(Entry.objects.values())
    assert not allocate_order(order=order)
    assert list(Entry.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_two_at_once_share_an_order_out_once(check_invariants_after: None) -> None:
    members = line_of(3)
    order = bought(members[-1])

    def share_out() -> bool:
        with transaction.atomic():
            return allocate_order(order=order)

    outcomes = run_together(share_out, share_out)
    assert sorted(outcome.value for outcome in outcomes) == [False, True]
    check_order(order)


@pytest.mark.django_db
def test_an_order_of_no_pv_gives_nothing() -> None:
    check_order(paid(line_of(2)[-1], 0))
    assert not Entry.objects.exists()
    assert not Unallocated.objects.exists()
    assert not PoolShare.objects.exists()


@pytest.mark.django_db
def test_an_order_from_before_the_rules_stays_with_the_company() -> None:
    order = paid(line_of(2)[-1], 100, paid_at=clock.now().replace(year=2019))
    check_order(order)
    assert Unallocated.objects.get().reason == "no_rule"


def drawn_plan(data: Any) -> None:
    """Any lines that come to 100 % at most, of four places, each with whatever it asks for."""
    Rule.objects.filter(valid_until=None).update(valid_until=clock.now() - timedelta(days=2))
    places = [("referral", level) for level in range(1, 6)] + [("sponsor", level) for level in range(1, 6)]
    places += [("share", 0), ("center", 0), ("center_referral", 0)]
    left = 100 * 10**4
    parts: list[tuple[str, int, int]] = []
    for kind, level in data.draw(st.lists(st.sampled_from(places), unique=True)):
        part = data.draw(st.integers(1, max(left, 1)))
        if part <= left:
            parts.append((kind, level, part))
            left -= part
    rule = Rule.objects.create(
        valid_from=clock.now() - timedelta(days=2), total_percentage=Decimal(100 * 10**4 - left) / 10**4
    )
    RuleLine.objects.bulk_create(
        RuleLine(
            rule=rule,
            type=kind,
            level=level,
            percentage=Decimal(part) / 10**4,
            lowest_rank=data.draw(st.sampled_from(("", *Rank.values))),
            needs_active=data.draw(st.booleans()),
        )
        for kind, level, part in parts
    )


def check_drawn(data: Any) -> None:
    with transaction.atomic():
        members = [join("root")]
        for number in range(data.draw(st.integers(1, 10))):
            side = data.draw(st.sampled_from((None, "L", "R")))
            members.append(join(f"n{number}", data.draw(st.sampled_from(members)), side))
        for member in members:
            Member.objects.filter(pk=member.pk).update(
                rank=data.draw(st.sampled_from(Rank.values)), is_active=data.draw(st.booleans())
            )
        center = data.draw(st.sampled_from((None, *members)))
        if center is not None:
            referrer = data.draw(st.sampled_from((None, *members)))
            Member.objects.filter(pk=center.pk).update(is_center=True, center_referrer=referrer)
            center.refresh_from_db()
        if data.draw(st.booleans()):
            drawn_plan(data)
        pv = data.draw(st.decimals(0, 10**12, places=data.draw(st.integers(0, PV_PLACES))))
        order = paid(data.draw(st.sampled_from(members)), pv, center=center)
        check_order(order)
        assert not allocate_order(order=order)
        check_order(order)
        transaction.set_rollback(True)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=15, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
@pytest.mark.django_db
def test_whatever_the_tree_the_ranks_and_the_rules_the_parts_are_the_pv(data: Any) -> None:
    check_drawn(data)


@pytest.mark.prove
@settings(max_examples=1000, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
@pytest.mark.django_db
def test_a_thousand_trees_and_plans(data: Any) -> None:
    check_drawn(data)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_finds_what_a_caller_left(check_invariants_after: None) -> None:
    members = line_of(3)
    orders = [bought(members[-1]) for _ in range(5)]
    wait_until_nobody_is_before(refund_order(order=orders[0]).xid)
    assert allocate_backlog() == 5
    assert reverse_backlog() == 1
    assert (allocate_backlog(), reverse_backlog()) == (0, 0)
    for order in orders:
        check_order(order)
    assert set(Entry.objects.filter(order=orders[0]).values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.django_db
def test_a_refund_before_the_closing_cancels_and_a_second_changes_nothing() -> None:
    members = line_of(3)
    order = paid(members[-1])
    assert reverse_order(order=order)
    assert not reverse_order(order=order)
    assert set(Entry.objects.values_list("status", flat=True)) == {"cancelled"}
    assert PoolShare.objects.get().status == "cancelled"


@pytest.mark.django_db
def test_an_order_taken_back_before_it_was_shared_out_is_never_paid() -> None:
    order = bought(line_of(3)[-1])
    reverse_order(order=order)
    assert not allocate_order(order=order)
    assert Allocation.objects.exists()
    assert Reversal.objects.exists()
    assert not Entry.objects.filter(status="pending").exists()


@pytest.mark.django_db
def test_many_orders_at_once_are_as_one_by_one() -> None:
    members = line_of(4)
    orders = [bought(members[number % 4], Decimal("7.7777")) for number in range(9)]
    assert allocate_orders(order_ids=[order.pk for order in orders]) == 9
    for order in orders:
        check_order(order)
