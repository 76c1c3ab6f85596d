"""/api/v1/withdrawals/: what it answers, and that what it refuses leaves nothing behind but its log."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from aeghash.core.models import AuditRow, Job
from risk.models import ListKind, RiskEvent, Target
from risk.operations.add_list_entry import add_list_entry
from tests.api.conftest import _own_cache, client_of, fields, problem, queries_for  # noqa: F401
from tests.face.world import code
from tests.people import make_staff
from tests.wallets.books import everything, standing
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff
from wallets.models import Transfer
from withdrawals.models import Approval, AssetPolicy, Status, Withdrawal, WithdrawalLog

URL = "/api/v1/withdrawals/"


def of(withdrawal: Withdrawal, act: str = "") -> str:
    return f"{URL}{withdrawal.pk}/{act}"


@pytest.fixture(autouse=True)
def _without_codes(settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False


@pytest.fixture
def clerk(world: World) -> Client:
    return client_of(staff("operations"))


@pytest.fixture
def teller(world: World) -> Client:
    return client_of(staff("finance"))


def post(client: Client, url: str, **body: Any) -> Any:
    return client.post(url, body, content_type="application/json")


def left() -> list[Any]:
    """Everything but the log of requests."""
    rows = Withdrawal.objects.order_by("pk").values_list("pk", "status", "version", "forwarding_txid")
    counts = [model.objects.count() for model in (Approval, WithdrawalLog, RiskEvent, Job)]
    return [list(rows), *counts, everything(), AuditRow.objects.exclude(verb__startswith="token.").count()]


def test_filed_approved_by_two_and_paid(world: World, clerk: Client, teller: Client) -> None:
    user = member(LTC="10")
    answer = post(clerk, URL, uid=user.uid, asset="LTC", amount="1.5")
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in ("status", "version", "asset", "amount", "uid", "channel", "address")} == {
        "status": "pending", "version": 1, "asset": "LTC", "amount": "1.5", "uid": user.uid, "channel": "hashdam",
        "address": None,
    }  # fmt: skip
    withdrawal = Withdrawal.objects.get(pk=made["id"])
    assert post(teller, of(withdrawal, "approve/"), version=1).status_code == 202
    answer = post(client_of(staff()), of(withdrawal, "approve/"), version=2, notes="seen")
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    heal(world)
    shown = teller.get(of(withdrawal)).json()
    assert (shown["status"], len(shown["approvals"]), len(shown["attempts"])) == ("completed", 2, 1)
    assert shown["remote_id"] == world.paid(withdrawal)[0]["withdrawId"]
    steps = [line["action"] for line in teller.get(of(withdrawal, "audit/")).json()["results"]]
    assert steps[0] == "completed"
    assert steps[-1] == "requested"


def test_who_filed_it_and_who_has_approved_it_are_refused(world: World) -> None:
    filer = staff("operations")
    withdrawal = ask(member(LTC="10"), requested_by=filer)
    one = client_of(staff())
    assert post(one, of(withdrawal, "approve/"), version=1).status_code == 202
    before = left()
    problem(post(client_of(filer), of(withdrawal, "approve/"), version=2), 409, "same_approver")
    problem(post(one, of(withdrawal, "approve/"), version=2), 409, "same_approver")
    problem(post(client_of(staff()), of(withdrawal, "approve/"), version=1), 409, "version_conflict")
    problem(post(client_of(staff()), of(withdrawal, "reject/"), version=1, reason="no"), 409, "version_conflict")
    for group in ("support",):
        problem(post(client_of(staff(group)), of(withdrawal, "approve/"), version=2), 403, "permission_denied")
    assert left()[0] == before[0]
    assert Approval.objects.count() == 1
    assert standing(withdrawal.user_id, "LTC") == (10, Decimal("1.5"))


def test_what_is_decided_is_refused(world: World, clerk: Client, teller: Client) -> None:
    withdrawal = ask(member(LTC="10"))
    assert post(teller, of(withdrawal, "reject/"), reason="not now").json()["status"] == "rejected"
    before = left()
    problem(post(teller, of(withdrawal, "approve/"), version=2), 409, "invalid_state")
    problem(post(teller, of(withdrawal, "reject/"), reason="again"), 409, "invalid_state")
    problem(post(clerk, of(withdrawal, "cancel/")), 409, "invalid_state")
    problem(post(clerk, of(withdrawal, "retry/")), 409, "invalid_state")
    problem(post(teller, of(withdrawal, "resolve/"), resolution="release", reason="x"), 409, "invalid_state")
    problem(post(clerk, of(withdrawal, "forward/"), txid="x"), 409, "invalid_state")
    assert left() == before


def test_a_block_of_risk_names_the_request_it_cancelled(world: World, clerk: Client) -> None:
    user = member(USDT="10")
    add_list_entry(kind=ListKind.BLOCKED, target=Target.ADDRESS, value=ADDRESS, note="stolen", by=staff("operations"))
    document = problem(post(clerk, URL, uid=user.uid, asset="USDT", amount="1", address=ADDRESS), 422, "risk_blocked")
    cancelled = Withdrawal.objects.get()
    assert (document["id"], cancelled.status, cancelled.hold_id) == (cancelled.pk, Status.CANCELLED, None)
    assert cancelled.reason
    assert (standing(user.pk, "USDT"), WithdrawalLog.objects.count()) == ((10, 0), 1)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"amount": "1000000"}, 422, "insufficient_balance"),
        ({"amount": "7"}, 422, "withdrawal_limit_exceeded"),
        ({"asset": "USDT", "amount": "1"}, 422, "address_not_whitelisted"),
        ({"asset": "USDT", "amount": "1", "address": "0x" + "9" * 40}, 422, "address_not_whitelisted"),
        ({"uid": "nobody"}, 404, "member_not_found"),
        ({"asset": "XXX"}, 400, "validation_error"),
        ({"amount": "0"}, 400, "validation_error"),
        ({"amount": "1e5"}, 400, "validation_error"),
        ({"amount": "0.123456789"}, 400, "validation_error"),
        ({"amount": 1.5}, 400, "validation_error"),
        ({"unknown": "x"}, 400, "validation_error"),
    ],
)
def test_what_can_not_be_asked_for_leaves_nothing(
    world: World, clerk: Client, body: dict[str, Any], status: int, expected: str
) -> None:
    user = member(LTC="10", USDT="10")
    AssetPolicy.objects.filter(asset="LTC").update(most=None if body.get("amount") == "1000000" else Decimal(5))
    before = left()
    document = problem(post(clerk, URL, **{"uid": user.uid, "asset": "LTC", "amount": "1", **body}), status, expected)
    assert status != 400 or fields(document)
    assert left() == before


def test_approving_takes_a_code_that_works_once(world: World, settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = True
    person = make_staff("teller", "finance")
    client, (one, two) = client_of(person), [ask(member(LTC="10"), amount=amount) for amount in ("1", "2")]
    before = left()
    for otp in ("999999", "000000"):
        problem(post(client, of(one, "approve/"), version=1, otp=otp), 403, "otp_invalid")
    assert left()[:6] == before[:6]
    person.totpdevice_set.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    now = code()
    assert post(client, of(one, "approve/"), version=1, otp=now).status_code == 202
    problem(post(client, of(two, "approve/"), version=1, otp=now), 403, "otp_invalid")
    assert fresh(two).status == Status.PENDING


def test_forwarded_by_two(world: World, clerk: Client, teller: Client) -> None:
    withdrawal = approved(ask(member(LTC="10"), address=ADDRESS))
    heal(world)
    problem(post(teller, of(withdrawal, "forward/"), version=fresh(withdrawal).version), 409, "nothing_recorded")
    recorded = post(clerk, of(withdrawal, "forward/"), txid="exchange-1")
    assert recorded.status_code == 202
    problem(post(clerk, of(withdrawal, "forward/"), version=recorded.json()["version"]), 403, "permission_denied")
    problem(post(teller, of(withdrawal, "forward/")), 400, "validation_error")
    problem(post(teller, of(withdrawal, "forward/"), version=1), 409, "version_conflict")
    assert standing(withdrawal.user_id, "LTC") == (10, Decimal("1.5"))
    assert post(teller, of(withdrawal, "forward/"), version=recorded.json()["version"]).status_code == 200
    assert standing(withdrawal.user_id, "LTC") == (Decimal("8.5"), 0)
    assert Transfer.objects.filter(reference=f"withdrawal:{withdrawal.pk}:fee").count() == 1


def test_resolved_by_two(world: World, teller: Client) -> None:
    world.pool.fault("reset", method="assetWithdrawRequest", times=1, executes=False)
    withdrawal = approved(ask(member(LTC="10")))
    heal(world)
    said = {"resolution": "release", "reason": "absent from the pool's books"}
    assert post(teller, of(withdrawal, "resolve/"), **said).status_code == 202
    problem(post(teller, of(withdrawal, "resolve/"), **said), 409, "same_approver")
    other = client_of(staff())
    problem(post(other, of(withdrawal, "resolve/"), resolution="resend", reason="x"), 409, "another_decision_waits")
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW
    assert post(other, of(withdrawal, "resolve/"), **said).json()["status"] == "failed"
    again = post(client_of(staff("operations")), of(withdrawal, "retry/"))
    assert (again.status_code, again.json()["retry_of"]) == (201, withdrawal.pk)


def test_support_sees_no_address_in_full_anywhere(world: World, teller: Client) -> None:
    withdrawal = approved(ask(member(USDT="10"), "USDT", "1"))
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED
    support = client_of(staff("support"))
    for url in (URL, of(withdrawal), of(withdrawal, "audit/")):
        assert ADDRESS.encode() in teller.get(url).content
        hidden = support.get(url).content
        assert ADDRESS.encode() not in hidden
        assert b"0xabab" in hidden


def test_what_is_listed_and_how_many_queries_it_takes(world: World, clerk: Client) -> None:
    user = member(LTC="100", USDT="100")
    ask(user)
    few = queries_for(clerk, URL)
    for amount in ("2", "3"):
        ask(user, amount=amount)
    assert queries_for(clerk, URL) == few <= 8
    tokens = ask(user, "USDT", "4")
    for query, expected in (
        ("", 4), ("?asset=USDT", 1), ("?channel=hashdam", 3), ("?status=completed", 0), (f"?uid={user.uid}", 4),
        ("?uid=nobody", 0), ("?requested_before=2020-01-01T00:00:00Z", 0), ("?is_flagged=false", 0),
    ):  # fmt: skip
        assert len(clerk.get(URL + query).json()["results"]) == expected, query
    problem(clerk.get(f"{URL}?status=lost"), 400, "validation_error")
    assert clerk.get(URL).json()["results"][0]["id"] == tokens.pk


@pytest.mark.parametrize("act", ["", "audit/"])
def test_a_page_takes_as_many_queries_for_one_line_as_for_three(world: World, clerk: Client, act: str) -> None:
    one = ask(member(LTC="100"))
    few = queries_for(clerk, of(one, act))
    approved(one)
    assert queries_for(clerk, of(one, act)) == few


def test_what_is_not_there_is_not_found(world: World, clerk: Client, teller: Client) -> None:
    for url in ("987654321/", "987654321/audit/"):
        assert clerk.get(URL + url).status_code == 404
    for act, body in (("approve/", {"version": 1}), ("reject/", {"reason": "x"})):
        problem(post(teller, f"{URL}987654321/{act}", **body), 404, "withdrawal_not_found")
    said = {"resolution": "release", "reason": "x"}
    problem(post(teller, f"{URL}987654321/resolve/", **said), 404, "withdrawal_not_found")
