"""A member's figures over 1 to 90 days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aeghash.core import clock
from aeghash.core.errors import Invalid
from organization.models import Member
from organization.operations.refund_order import refund_order
from organization.operations.roll_up_volumes import roll_up_volumes
from organization.operations.set_rank import set_rank
from organization.queries.kpis import (
    Figures,
    counted_until,
    daily_figures,
    figures_for_ever,
    kpis,
    rank_history,
)
from organization.queries.sales import own_sales
from tests.organization.buying import bought
from tests.organization.counting import kept, recounted
from tests.organization.planting import joined, planted
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

# 00:30 on the 10th in Seoul, and still the 9th in UTC.
NOW = datetime(2026, 11, 9, 15, 30, tzinfo=UTC)


def is_counted() -> bool:
    roll_up_volumes()
    return kept() == recounted()


@pytest.fixture
def members() -> list[Member]:
    """root; left and right below it; the last is right's referral, but stands under left: a spillover of root's."""
    with clock.steered(lambda: NOW - timedelta(days=5)):
        members = planted([None, 0, 0])
    with clock.steered(lambda: NOW):
        members.append(joined(members[0]))
    return members


def test_before_the_first_roll_up_there_is_nothing(members: list[Member]) -> None:
    assert counted_until() is None
    assert kpis(member=members[0], days=90).figures == Figures()


def test_days_are_the_companys_and_today_is_one_of_them(members: list[Member]) -> None:
    bought(members[1], 10, paid_at=NOW - timedelta(hours=1))  # the 9th at 23:30
    bought(members[1], 20, paid_at=NOW - timedelta(minutes=1))
    until(is_counted)
    with clock.steered(lambda: NOW):
        today, both = kpis(member=members[0], days=1), kpis(member=members[0], days=2)
    assert (today.first_day, today.last_day) == (date(2026, 11, 10), date(2026, 11, 10))
    assert [today.figures.group, both.figures.group] == [20, 30]
    assert counted_until() is not None


def test_each_figure_is_what_it_says(members: list[Member]) -> None:
    root, left, right, below = members
    bought(root, Decimal("1.5"), paid_at=NOW)
    bought(left, 10, paid_at=NOW)
    bought(below, 100, paid_at=NOW)
    bought(right, 1000, paid_at=NOW - timedelta(days=3))
    with clock.steered(lambda: NOW):
        refund_order(order=bought(right, 5, paid_at=NOW - timedelta(days=3)))
    set_rank(member=below, rank="D2", reason="test")
    until(is_counted)
    with clock.steered(lambda: NOW):
        seen = kpis(member=root, days=2)
    expected = Figures(
        personal=Decimal("1.5"),
        group=Decimal(105),
        left=Decimal(110),
        right=Decimal(-5),
        orders=1,
        new_members=1,
        new_left=1,
    )
    assert (seen.figures, seen.spillovers) == (expected, 1)
    assert seen.rank_mix == {"FREE": 2, "D0": 0, "D1": 0, "D2": 1, "D3": 0, "D4": 0, "D5": 0}


def test_a_chart_has_every_day(members: list[Member]) -> None:
    bought(members[0], 7, paid_at=NOW - timedelta(days=2))
    until(is_counted)
    with clock.steered(lambda: NOW):
        series = daily_figures(member=members[0], days=4)
    assert list(series) == [date(2026, 11, day) for day in (7, 8, 9, 10)]
    assert [figures.personal for figures in series.values()] == [0, 7, 0, 0]
    assert [figures.new_members for figures in series.values()] == [0, 0, 0, 1]


@pytest.mark.parametrize("days", [0, -1, 91])
def test_other_than_1_to_90_days_are_refused(members: list[Member], days: int) -> None:
    for query in (kpis, daily_figures):
        with pytest.raises(Invalid, match="days"):
            query(member=members[0], days=days)


def test_figures_of_many_take_one_query(members: list[Member]) -> None:
    bought(members[3], 7, paid_at=NOW)
    until(is_counted)
    with CaptureQueriesContext(
        connection,
    ) as one:
        figures_for_ever([members[0].pk])
    with CaptureQueriesContext(connection) as many:
        seen = figures_for_ever([member.pk for member in members])
    assert len(one) == len(many) == 1
    root = seen[members[0].pk]
    assert (root.new_left, root.new_right, root.new_members) == (2, 1, 3)
    assert seen[members[2].pk] == Figures()


def test_own_sales_are_what_was_paid_less_what_was_refunded(members: list[Member]) -> None:
    bought(members[0], total=Decimal("20.25"))
    bought(members[0], total=30)
    refund_order(order=bought(members[0], total=500))
    sales = own_sales([member.pk for member in members[:2]])
    assert sales == {members[0].pk: Decimal("50.25"), members[1].pk: 0}


def test_the_rank_history_is_newest_first(members: list[Member]) -> None:
    for rank in ("D1", "D3"):
        set_rank(member=members[0], rank=rank, reason="test")
    assert [change.after for change in rank_history(members[0])] == ["D3", "D1"]
