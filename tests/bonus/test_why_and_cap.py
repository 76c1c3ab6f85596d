from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonus.queries.cap import withdrawable_point
from bonus.queries.why import explanation
from organization.models import Member, Order
from organization.operations.refund_order import refund_order
from tests.api.conftest import client_of
from tests.bonus.closing import closed, long_ago
from tests.bonus.shares import line_of, paid
from tests.organization.buying import bought
from tests.organization.trees import join
from tests.people import make_staff

pytestmark = pytest.mark.django_db


def told(order: Order, member: Member) -> set[tuple[str, int, str]]:
    found = explanation(order=order, member=member)
    assert found is not None
    return {(line.type, line.level, line.outcome) for line in found.lines if line.type != "share"}


def test_every_member_is_told_each_level_and_the_reason() -> None:
    members = line_of(4)
    Member.objects.filter(pk=members[2].pk).update(is_active=False)
    order = paid(members[3], 100)
    assert told(order, members[1]) == {("referral", 2, "pending"), ("sponsor", 2, "pending")}
    assert told(order, members[2]) == {("referral", 1, "inactive"), ("sponsor", 1, "inactive")}
    stranger = join("stranger", members[3])
    found = explanation(order=order, member=stranger)
    assert found is not None
    assert (found.unilevel_level, told(order, stranger)) == (None, set())


def test_the_whole_order_is_told_to_the_last_unit() -> None:
    order = paid(line_of(4)[3], Decimal("12.3456"))
    found = explanation(order=order)
    assert found is not None
    assert sum(line.part for line in found.lines) == order.pv_amount


def test_nothing_is_told_of_an_order_that_has_not_been_shared_out() -> None:
    assert explanation(order=bought(line_of(2)[1])) is None


def test_three_times_the_own_sales_may_be_withdrawn_and_a_refund_lowers_it() -> None:
    members = line_of(2)
    order = bought(members[1], 10, total=100)
    bought(members[1], 10, total=50)
    assert withdrawable_point(user_id=members[1].pk, withdrawn=Decimal(50)) == 400
    refund_order(order=order)
    assert withdrawable_point(user_id=members[1].pk, withdrawn=Decimal(50)) == 100
    assert withdrawable_point(user_id=members[1].pk, withdrawn=Decimal(500)) == 0
    assert withdrawable_point(user_id=members[0].pk, withdrawn=Decimal(0)) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["entries/", "rules/", "closings/", "closings/{closing}/credits/"])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(path: str) -> None:
    client: Any = client_of(make_staff("finance", "finance"))
    members = line_of(2)
    paid(members[1], 100, paid_at=long_ago())
    address = "/api/v1/bonus/" + path.format(closing=closed().pk)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        assert client.get(address).status_code == 200
    for _ in range(2):
        paid(members[1], 100, paid_at=long_ago())
    with CaptureQueriesContext(connection) as three:
        client.get(address)
    assert len(three) == len(one) < 12


@pytest.mark.django_db(transaction=True)
def test_programs_read_why_and_verify() -> None:
    client: Any = client_of(make_staff("finance", "finance"))
    members = line_of(3)
    order = paid(members[2], 100, paid_at=long_ago())
    closing = closed()
    found = client.get(f"/api/v1/bonus/orders/{order.pk}/?uid=m1").json()
    assert [(line["type"], line["amount"]) for line in found["lines"]][:1] == [("referral", "30")]
    assert client.get(f"/api/v1/bonus/closings/{closing.pk}/verification/").json()["differences"] == []
    assert client.get("/api/v1/bonus/orders/999999/").status_code == 404
