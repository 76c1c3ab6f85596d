"""Orders and refunds: once for ever, whole or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, job
from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow
from organization.models import Channel, Member, Order, Refund
from organization.operations.record_order import OrderExists, record_order
from organization.operations.refund_order import refund_order
from organization.operations.set_center import set_center
from tests.organization.planting import planted
from tests.races import run_together

pytestmark = pytest.mark.django_db(transaction=True)

PAID_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def buyer() -> Member:
    return planted([None, 0])[1]


def told(buyer: Member, **other: Any) -> dict[str, Any]:
    contents = {
        "source": "mall",
        "source_id": "A-1",
        "buyer": buyer,
        "total_amount": Decimal("120.50"),
        "pv_amount": Decimal("100.1234"),
        "channel": "ONLINE",
        "paid_at": PAID_AT,
        "metadata": {"coupon": "SPRING", "weights": [1, Decimal("1.50"), None], "text": "\\u0000"},
    }
    return contents | other


def test_an_order_is_written_down_as_it_was_told(buyer: Member) -> None:
    order, created = record_order(**told(buyer))
    assert created
    order.refresh_from_db()
    assert (order.source, order.source_id, order.buyer) == ("mall", "A-1", buyer)
    assert (order.total_amount, order.pv_amount) == (Decimal("120.5"), Decimal("100.1234"))
    assert (order.channel, order.center, order.paid_at) == (Channel.ONLINE, None, PAID_AT)
    assert order.metadata == {"coupon": "SPRING", "weights": [1, 1.5, None], "text": "\\u0000"}
    assert list(AuditRow.objects.filter(object_id=str(order.pk)).values_list("verb", flat=True)) == ["order.recorded"]


def test_the_same_again_changes_nothing(buyer: Member) -> None:
    first, _ = record_order(**told(buyer))
    trail = AuditRow.objects.count()
    for again in (told(buyer), told(buyer, paid_at=None), told(buyer, total_amount=Decimal("120.5"))):
        assert record_order(**again) == (first, False)
    assert (Order.objects.count(), AuditRow.objects.count()) == (1, trail)


@pytest.mark.parametrize(
    "other",
    [
        {"total_amount": Decimal("120.51")},
        {"pv_amount": Decimal("100.1235")},
        {"channel": "POS"},
        {"paid_at": PAID_AT + timedelta(seconds=1)},
        {"metadata": {}},
        {"metadata": {"coupon": "SPRING", "weights": [1, Decimal("1.51"), None], "text": "\\u0000"}},
    ],
)
def test_other_contents_under_the_same_number_are_refused(buyer: Member, other: dict[str, Any]) -> None:
    record_order(**told(buyer))
    before = Order.objects.values().get()
    with pytest.raises(OrderExists, match="A-1"):
        record_order(**told(buyer, **other))
    assert Order.objects.values().get() == before


def test_another_buyer_or_center_is_other_contents_too(buyer: Member) -> None:
    assert buyer.sponsor
    center = set_center(member=buyer.sponsor, is_center=True, reason="opened")
    record_order(**told(buyer))
    for other in (told(center), told(buyer, center=center)):
        with pytest.raises(OrderExists):
            record_order(**other)
    assert Order.objects.get().center is None


def test_the_number_is_the_sources_own(buyer: Member) -> None:
    record_order(**told(buyer))
    assert record_order(**told(buyer, source="shop", total_amount=Decimal(1)))[1]


def test_an_order_stays_the_same_when_its_center_is_none_any_more(buyer: Member) -> None:
    center = set_center(member=buyer, is_center=True, reason="opened")
    order, _ = record_order(**told(buyer, center=center))
    closed = set_center(member=center, is_center=False, reason="closed")
    assert record_order(**told(buyer, center=closed)) == (order, False)


NESTED: dict[str, Any] = {}
for _ in range(40):
    NESTED = {"in": NESTED}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total_amount", Decimal("-0.01")),
        ("total_amount", Decimal("1.001")),
        ("total_amount", Decimal("1e20")),
        ("total_amount", Decimal("NaN")),
        ("total_amount", Decimal("Infinity")),
        ("pv_amount", Decimal(-1)),
        ("pv_amount", Decimal("1.00001")),
        ("channel", "MAIL"),
        ("source_id", ""),
        ("source_id", "x" * 256),
        ("source_id", "a\0b"),
        ("source_id", "\ud800"),
        ("source", "x" * 65),
        ("metadata", {"long": "x" * 8192}),
        ("metadata", {"한": "글" * 2800}),
        ("metadata", {"nul": "\0"}),
        ("metadata", {"deep": [{"\0": 1}]}),
        ("metadata", {"half": "\ud800"}),
        ("metadata", {"float": 1.5}),
        ("metadata", {"huge": 10**100}),
        ("metadata", {"nan": Decimal("NaN")}),
        ("metadata", NESTED),
    ],
)
def test_what_no_order_has_is_refused_by_its_field(buyer: Member, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        record_order(**told(buyer, **{field: value}))
    assert refusal.value.parameters["field"] == field
    assert not Order.objects.exists()


def test_a_payment_in_the_future_is_refused_beyond_what_clocks_differ(buyer: Member) -> None:
    with pytest.raises(Invalid, match="paid_at"):
        record_order(**told(buyer, paid_at=clock.now() + timedelta(minutes=6)))
    assert not Order.objects.exists()
    assert record_order(**told(buyer, paid_at=clock.now() + timedelta(minutes=4)))[1]


def test_a_center_that_is_none_is_refused(buyer: Member) -> None:
    with pytest.raises(Invalid, match="center"):
        record_order(**told(buyer, center=buyer))
    assert not Order.objects.exists()


def test_of_the_same_order_many_times_at_once_one_is_new(buyer: Member) -> None:
    outcomes = run_together(*[lambda: record_as_job(buyer)] * 8)
    assert sorted(outcome.value[1] for outcome in outcomes) == [False] * 7 + [True]
    assert AuditRow.objects.filter(verb="order.recorded").count() == 1


def test_of_two_different_ones_at_once_one_is_refused(buyer: Member) -> None:
    one, other = run_together(lambda: record_as_job(buyer), lambda: record_as_job(buyer, channel="POS"))
    assert {type(one.error), type(other.error)} == {type(None), OrderExists}
    assert Order.objects.count() == 1


def record_as_job(buyer: Member, **other: Any) -> Any:
    with acting_as(job("test")):
        return record_order(**told(buyer, **other))


def test_it_is_part_of_a_larger_transaction(buyer: Member) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        order, _ = record_order(**told(buyer))
        refund_order(order=order)
        raise ZeroDivisionError
    assert not Order.objects.exists()
    assert not AuditRow.objects.filter(verb__startswith="order.").exists()


def test_a_conflict_leaves_the_larger_transaction_alive(buyer: Member) -> None:
    first, _ = record_order(**told(buyer))
    with transaction.atomic():
        with pytest.raises(OrderExists):
            record_order(**told(buyer, channel="POS"))
        second, _ = record_order(**told(buyer, source_id="A-2"))
    assert list(Order.objects.order_by("pk")) == [first, second]


def test_a_refund_is_made_once(buyer: Member) -> None:
    order, _ = record_order(**told(buyer))
    refund = refund_order(order=order, reason="broken")
    assert refund_order(order=order, reason="again") == refund
    assert (Refund.objects.get().reason, Refund.objects.get().order) == ("broken", order)
    assert list(AuditRow.objects.filter(verb="order.refunded").values_list("reason", flat=True)) == ["broken"]


def test_of_many_refunds_at_once_one_is_made(buyer: Member) -> None:
    order, _ = record_order(**told(buyer))

    def refund() -> Refund:
        with acting_as(job("test")):
            return refund_order(order=order)

    outcomes = run_together(*[refund] * 8)
    assert {outcome.value for outcome in outcomes} == {Refund.objects.get()}
    assert AuditRow.objects.filter(verb="order.refunded").count() == 1


@pytest.mark.parametrize("reason", ["x" * 501, "a\0b", "\udfff"])
def test_a_reason_that_cannot_be_stored_is_refused(buyer: Member, reason: str) -> None:
    order, _ = record_order(**told(buyer))
    with pytest.raises(Invalid, match="reason"):
        refund_order(order=order, reason=reason)
    assert not Refund.objects.exists()
