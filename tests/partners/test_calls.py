"""Every call of the contract, as a mall makes it."""

from decimal import Decimal
from typing import Any

import pytest

from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from bonus.models import Entry
from mining.models import Grant
from organization.models import Member, Order
from risk.models import ListKind, Target
from risk.operations.add_list_entry import add_list_entry
from tests.partners.world import Mall, make_mall, no_trace, order
from tests.people import make_staff
from tests.wallets.books import give
from wallets.models import Balance
from withdrawals.models import PayoutAddress, Withdrawal

pytestmark = pytest.mark.django_db(transaction=True)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    return document


def test_ping_says_who_called(mall: Mall) -> None:
    answer = mall.call("POST", "ping", {"any": ["thing"]})
    assert answer.status_code == 200
    assert answer.json().keys() == {"partner", "key_id", "time"}
    assert answer.json()["partner"] == "mall"


def test_a_member_joins_and_is_read(mall: Mall) -> None:
    answer = mall.post("members", {"uid": "a@b.kr", "email": "a@b.kr", "sponsor_uid": "buyer", "side": "R"})
    assert answer.status_code == 201
    said = answer.json()
    assert said["sponsor_uid"] == said["binary"]["parent_uid"] == "buyer"
    assert said["binary"] == {"parent_uid": "buyer", "depth": 2, "side": "R", "spilled_over": False}
    read = mall.get("members/a%40b.kr").json()
    assert {name: read[name] for name in said} == said
    assert read["hash_power"] == "0"
    assert {row["asset"] for row in read["balances"]} >= {"POINT", "USDT", "LTC"}


def test_who_exists_already_is_refused(mall: Mall) -> None:
    problem(mall.post("members", {"uid": "buyer"}), 409, "member_exists")
    assert Member.objects.count() == 2


def test_an_order_brings_its_bonuses(mall: Mall) -> None:
    answer = mall.post("orders", order())
    assert answer.status_code == 201, answer.content
    entries = Entry.objects.filter(order__source_id="o-1")
    assert entries.count() > 0
    assert answer.json() == {
        "order_id": "o-1",
        "status": "PAID",
        "bonuses_created": entries.count(),
        "bonus_total": f"{sum((entry.amount for entry in entries), Decimal()).normalize():f}",
    }
    read = mall.get("orders/o-1").json()
    assert read["status"] == "PAID"
    assert len(read["bonuses"]) == entries.count()
    assert mall.get("members/company/bonuses?status=pending").json()["results"]
    assert not mall.get("members/company/bonuses?status=confirmed").json()["results"]
    pending = {row["asset"]: row["pending_bonus"] for row in mall.get("members/company/balances").json()}
    assert Decimal(pending["POINT"]) > 0


def test_the_same_order_under_a_new_key_counts_nothing_again(mall: Mall) -> None:
    first = mall.post("orders", order())
    again = mall.post("orders", order())
    assert (again.status_code, again.json()) == (200, first.json())
    assert Order.objects.count() == 1
    problem(mall.post("orders", order(total_amount="121.00")), 409, "order_exists")


def test_a_refund_takes_the_bonuses_back_once(mall: Mall) -> None:
    made = mall.post("orders", order()).json()["bonuses_created"]
    answer = mall.post("orders/o-1/refund", {"reason": "changed their mind"})
    assert answer.json() == {
        "order_id": "o-1", "status": "REFUNDED", "bonuses_reversed": made, "clawback_total": "0",
    }  # fmt: skip
    assert mall.post("orders/o-1/refund").json() == answer.json()
    assert mall.get("orders/o-1").json()["status"] == "REFUNDED"


def test_hash_power_of_an_event_counts_once(mall: Mall) -> None:
    body = {"uid": "buyer", "hash": "12.5", "event_id": "e-1", "app": "shop"}
    first = mall.post("hashpower", body)
    assert first.status_code == 201
    assert first.json()["hash_power"] == "12.5"
    again = mall.post("hashpower", body)
    assert (again.status_code, again.json()["grant_id"]) == (200, first.json()["grant_id"])
    assert Grant.objects.count() == 1
    problem(mall.post("hashpower", body | {"hash": "13"}), 409, "event_conflict")
    debit = mall.post("hashpower", {"uid": "buyer", "hash": 2, "direction": "debit"})
    assert debit.json()["hash_power"] == "10.5"


def with_money(uid: str = "buyer", asset: str = "LTC", amount: str = "5") -> None:
    with acting_as(command("test")):
        give(User.objects.get(uid=uid).pk, amount, asset)


def test_a_withdrawal_is_asked_for_read_and_taken_back(mall: Mall) -> None:
    with_money()
    answer = mall.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1.5", "reference_id": "w-1"})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["status"], said["amount"], said["asset"]) == ("pending", "1.5", "LTC")
    assert mall.get(f"withdrawals/{said['id']}").json() == said
    assert mall.post(f"withdrawals/{said['id']}/cancel").json()["status"] == "cancelled"
    assert Balance.objects.get(user__uid="buyer", asset="LTC").locked_amount == 0


def test_more_than_there_is_is_refused(mall: Mall) -> None:
    with_money(amount="1")
    answer = mall.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1.5"})
    problem(answer, 422, "insufficient_balance")
    assert not Withdrawal.objects.exists()


def test_what_risk_blocks_is_kept_and_named(mall: Mall) -> None:
    with_money()
    person = make_staff("clerk", "operations", with_device=False)
    with acting_as(command("test")):
        add_list_entry(kind=ListKind.BLOCKED, target=Target.IP, value="203.0.113.7", note="stolen", by=person)
    body = {"uid": "buyer", "asset": "LTC", "amount": "1.5", "ip": "203.0.113.7"}
    answer = mall.post("withdrawals", body, key="k")
    cancelled = Withdrawal.objects.get()
    assert problem(answer, 422, "risk_blocked")["id"] == cancelled.pk
    assert (cancelled.status, cancelled.hold_id) == ("cancelled", None)
    assert mall.get(f"withdrawals/{cancelled.pk}").json()["status"] == "cancelled"
    again = mall.post("withdrawals", body, key="k")
    assert (again.content, again["Idempotent-Replayed"]) == (answer.content, "true")
    assert Withdrawal.objects.count() == 1
    assert Balance.objects.get(user__uid="buyer", asset="LTC").locked_amount == 0


def test_an_address_waits_before_it_is_used(mall: Mall) -> None:
    with_money(asset="USDT", amount="50")
    address = "0x" + "ab" * 20
    added = mall.post("members/buyer/addresses", {"asset": "USDT", "address": address, "label": "mine"})
    assert added.status_code == 201
    assert mall.get("members/buyer/addresses").json() == [added.json()]
    again = mall.post("members/buyer/addresses", {"asset": "USDT", "address": address})
    assert (again.status_code, again.json()) == (200, added.json())
    assert PayoutAddress.objects.count() == 1
    body = {"uid": "buyer", "asset": "USDT", "amount": "5", "address": address}
    problem(mall.post("withdrawals", body), 422, "address_not_whitelisted")


def test_another_partners_are_not_there(mall: Mall) -> None:
    with_money()
    mall.post("orders", order())
    asked = mall.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1"}).json()["id"]
    other = make_mall("other")
    other.join("theirs")
    with no_trace():
        problem(other.get("members/buyer"), 404, "member_not_found")
        problem(other.get("members/buyer/balances"), 404, "member_not_found")
        problem(other.get("members/buyer/bonuses"), 404, "member_not_found")
        problem(other.get("members/buyer/addresses"), 404, "member_not_found")
        problem(other.get("orders/o-1"), 404, "order_not_found")
        problem(other.get(f"withdrawals/{asked}"), 404, "withdrawal_not_found")
    problem(other.post("orders", order("o-2")), 404, "member_not_found")
    problem(other.post("orders", order("o-3", "theirs", center_uid="buyer")), 404, "member_not_found")
    problem(other.post("members", {"uid": "new", "sponsor_uid": "buyer"}), 404, "member_not_found")
    problem(other.post("members", {"uid": "buyer"}), 409, "member_exists")
    problem(other.post("hashpower", {"uid": "buyer", "hash": 1}), 404, "member_not_found")
    problem(other.post("orders/o-1/refund"), 404, "order_not_found")
    problem(other.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1"}), 404, "member_not_found")
    problem(other.post(f"withdrawals/{asked}/cancel"), 404, "withdrawal_not_found")
    problem(
        other.post("members/buyer/addresses", {"asset": "LTC", "address": "x"}), 404, "member_not_found"
    )  # fmt: skip


def test_the_days_totals(mall: Mall) -> None:
    mall.post("orders", order())
    mall.post("hashpower", {"uid": "buyer", "hash": "3"})
    totals = mall.get("totals").json()
    assert totals["orders"] == {"count": 1, "total_amount": "120", "pv_amount": "96"}
    assert totals["hash_power"]["credited"] == "3"
    assert totals["members"] == 2
    problem(mall.get("totals?day=yesterday"), 400, "validation_error")


def test_what_cannot_be_accepted_is_named(mall: Mall) -> None:
    answer = mall.post("orders", order(total_amount=1.5, surprise=1))
    fields = {error["field"] for error in problem(answer, 400, "validation_error")["errors"]}
    assert fields == {"total_amount", "surprise"}
    problem(mall.call("POST", "orders", b'{"a":1,"a":2}', key="k-1"), 400, "malformed_json")
    problem(mall.call("POST", "orders", b"x" * 65537, key="k-2"), 413, "payload_too_large")
    problem(mall.get("members/nobody"), 404, "member_not_found")
    problem(mall.get("nothing"), 404, "not_found")
    problem(mall.get("ping"), 405, "method_not_allowed")
