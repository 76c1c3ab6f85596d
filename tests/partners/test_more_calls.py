"""The finer points of the calls: pages, spilled places, limits of a day, what comes too late."""

import json
from typing import Any

import pytest

from aeghash.core.actors import acting_as, command
from mining.models import Grant
from organization.models import Member, Order
from organization.operations.set_center import set_center
from partners.models import InboundEvent, Partner
from tests.partners.test_calls import problem, with_money
from tests.partners.test_idempotency import again
from tests.partners.world import BASE, Mall, in_own_thread, order
from tests.races.together import run_together
from tests.withdrawals.world import approved, staff
from withdrawals.models import Withdrawal

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_read_as_it_was_sent(mall: Mall) -> None:
    with acting_as(command("test")):
        set_center(member=Member.objects.get(user__uid="company"), is_center=True, reason="test")
    sent = order(
        channel="POS",
        center_uid="company",
        paid_at="2026-01-02T03:04:05Z",
        metadata={"basket": [1, "둘"], "note": None},
    )
    assert mall.post("orders", sent).status_code == 201
    read = mall.get("orders/o-1").json()
    told = {name: read[name] for name in sent}
    assert told == sent | {"total_amount": "120", "paid_at": "2026-01-02T03:04:05.000000Z"}
    assert {"type", "level", "uid", "percentage", "amount", "status"} == read["bonuses"][0].keys()


def test_who_finds_the_sponsors_slots_taken_spills_over(mall: Mall) -> None:
    for uid in ("one", "two"):
        mall.join(uid, "buyer")
    spilled = mall.join("three", "buyer")
    assert spilled["unilevel"] == {"parent_uid": "buyer", "depth": 2, "side": None, "spilled_over": False}
    assert spilled["binary"] == {"parent_uid": "one", "depth": 3, "side": "L", "spilled_over": True}


def test_bonuses_come_in_pages_and_by_type(mall: Mall) -> None:
    for number in range(3):
        mall.post("orders", order(f"o-{number}"))
    every = mall.get("members/company/bonuses").json()["results"]
    assert [row["id"] for row in every] == sorted((row["id"] for row in every), reverse=True)
    first = mall.get("members/company/bonuses?page_size=2").json()
    assert (first["results"], first["previous"]) == (every[:2], None)
    second = mall.get(f"members/company/bonuses?{first['next'].partition('?')[2]}").json()
    assert second["results"] == every[2:4]
    kind = every[0]["type"]
    chosen = mall.get(f"members/company/bonuses?type={kind}").json()["results"]
    assert chosen == [row for row in every if row["type"] == kind]
    problem(mall.get("members/company/bonuses?type=none"), 400, "validation_error")
    problem(mall.get("members/company/bonuses?surprise=1"), 400, "validation_error")


def test_what_is_approved_cannot_be_taken_back(mall: Mall) -> None:
    with_money()
    asked = mall.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1.5"}).json()["id"]
    approved(Withdrawal.objects.get(pk=asked), staff(), staff())
    problem(mall.post(f"withdrawals/{asked}/cancel"), 409, "invalid_state")
    assert mall.get(f"withdrawals/{asked}").json()["status"] == "approved"


def test_only_json_is_read_and_every_answer_has_an_id(mall: Mall) -> None:
    body = json.dumps(order()).encode()
    sent = mall.headers("POST", f"{BASE}orders", body) | {"Idempotency-Key": "k"}
    answer: Any = mall.client.generic(
        "POST", f"{BASE}orders", body, "text/plain", headers=sent, RAW_URI=f"{BASE}orders"
    )
    assert problem(answer, 415, "unsupported_media_type")["request_id"] == answer["X-Request-ID"]
    assert not Order.objects.exists()
    assert mall.call("POST", "ping")["X-Request-ID"]


def test_hash_power_beyond_the_days_limit_waits_for_staff(mall: Mall) -> None:
    Partner.objects.update(hash_a_day=10)
    bodies = [{"uid": "buyer", "hash": "3", "event_id": f"e-{number}"} for number in range(6)]
    calls = [lambda body=body: in_own_thread(mall, "POST", "hashpower", body, key=body["event_id"]) for body in bodies]
    answers = [outcome.value for outcome in run_together(*calls)]
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [202] * 3
    assert Grant.objects.count() == 3
    held = next(answer.json() for answer in answers if answer.status_code == 202)
    assert held["status"] == "REVIEW"
    assert InboundEvent.objects.filter(state="review").count() == 3
    again(held["event"])
    assert Grant.objects.count() == 4
    assert mall.post("hashpower", {"uid": "buyer", "hash": "1", "direction": "debit"}).status_code == 201
