"""The pages of mining: they open with rows in every state, cost the same with more of them, and act."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Proposal, User
from aeghash.core.operations.approve_proposal import agree
from mining.models import Grant, MiningWithdrawal, RestatementDecision
from mining.operations.allocate_income import allocate_income
from mining.operations.pay_out_coins import pay_out_coins
from tests.mining.test_income import DAY, balances, facts, make_users, power
from tests.people import make_staff
from tests.sandbox.served import Served, StoppedClock
from tests.security.tables.mining import (
    make_allocation,
    make_day,
    make_grant,
    make_order,
    make_payout,
    make_pool_withdrawal,
    make_proof,
)

SCREENS: dict[str, Any] = {
    "dayfacts": make_day,
    "allocation": make_allocation,
    "grant": make_grant,
    "miningwithdrawal": lambda: make_payout("unknown"),
    "poolwithdrawal": make_pool_withdrawal,
    "poolorder": make_order,
    "reserveproof": make_proof,
}


@pytest.fixture
def staff(db: None, settings: Any) -> Client:
    settings.APPROVAL_OTP_REQUIRED = False
    user = make_staff("staff", "operations", "finance", full_name="김도윤", with_device=False)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", SCREENS)
def test_a_list_costs_as_many_queries_with_three_rows_as_with_one(staff: Client, name: str) -> None:
    address, counts = reverse(f"admin:mining_{name}_changelist"), []
    for more in (1, 2):
        rows = [SCREENS[name]() for _row in range(more)]
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        counts.append(len(queries))
        page = staff.get(reverse(f"admin:mining_{name}_change", args=[rows[0].pk]))
        assert page.status_code == 200
    assert counts[0] == counts[1]


def test_the_dashboard_stands_without_a_row_and_shows_charts_with_some(staff: Client) -> None:
    assert staff.get("/admin/").status_code == 200
    facts("0.5", "10", clock.today() - timedelta(days=1))
    make_proof()
    text = staff.get("/admin/").content.decode()
    assert text.count("<svg") >= 3
    assert "소유 불명 출금" in text


def test_hash_power_is_given_by_a_form_that_says_what_is_wrong(staff: Client) -> None:
    User.objects.create_user("m@example.com", uid="m1")
    address = reverse("admin:mining_grant_new")
    given = {"uid": "m1", "direction": "credit", "hash": "5.5", "reason": "bought"}
    assert staff.post(address, {**given, "uid": "nobody"}).status_code == 200
    assert staff.post(address, {**given, "direction": "debit"}).status_code == 200
    assert not Grant.objects.exists()
    assert staff.post(address, given).status_code == 302
    assert Grant.objects.get().hash == Decimal("5.5")


def test_a_charge_is_proposed_by_a_form(staff: Client) -> None:
    address = reverse("admin:mining_poolorder_new", kwargs={"kind": "charge"})
    assert staff.post(address, {"amount": "x", "reason": "more"}).status_code == 200
    assert staff.post(address, {"amount": "7", "reason": "more"}).status_code == 302
    assert Proposal.objects.get().content == {"kind": "charge", "amount": "7"}
    assert staff.get(address.replace("charge", "theft")).status_code == 404


def test_an_orphan_is_explained_by_a_proposal(staff: Client) -> None:
    row = make_pool_withdrawal()
    staff.post(
        reverse("admin:mining_poolwithdrawal_act", args=["explain"]), {"row": row.pk, "reason": "a test of ours"}
    )
    assert Proposal.objects.get().content["remote_id"] == row.remote_id


@pytest.mark.django_db(transaction=True)
def test_a_restatement_is_shown_and_proposed_on_its_page(staff: Client) -> None:
    with acting_as(command("test")):
        power(make_users(1)[0], "2")
        facts("0.5", "10")
        allocate_income(day=DAY)
        again = facts("0.75", "10")
    assert again is not None
    page = staff.get(reverse("admin:mining_dayfacts_change", args=[again.pk])).content.decode()
    assert "수정에 따른 변경 사항" in page
    decision = {"row": again.pk, "verdict": "correct", "reason": "the pool's word"}
    assert "m0 · LTC" in page
    staff.post(reverse("admin:mining_dayfacts_act", args=["decide"]), decision)
    proposal = Proposal.objects.get()
    assert (proposal.content["facts"], proposal.content["verdict"]) == (again.pk, "correct")
    shown = staff.get(reverse("admin:core_proposal_change", args=[proposal.pk])).content.decode()
    assert "0.5" in shown
    assert balances() == [1]
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=make_staff("second", "finance"))
    assert RestatementDecision.objects.get().facts == again
    assert balances() == [Decimal("1.5")]


@pytest.mark.django_db(transaction=True)
def test_a_payout_is_reconciled_on_its_page(staff: Client, pool: Served, time: StoppedClock) -> None:
    pay_out_coins(reference="r", coin="LTC", amount=Decimal("1.5"))
    time.turn(60)
    row = MiningWithdrawal.objects.get()
    staff.post(reverse("admin:mining_miningwithdrawal_act", args=["reconcile"]), {"row": row.pk})
    row.refresh_from_db()
    assert row.status == "completed"
