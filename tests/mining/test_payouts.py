"""A payout of coins: at most one withdrawal by the pool's books, whatever the pool does and whoever dies where."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import catalogue
from aeghash.core.checkpoints import hooked
from aeghash.core.models import Alert, KillSwitch
from aeghash.core.payouts import Attempt, NotReady, Payment
from mining.channels import hashdam as channel_module
from mining.channels.hashdam import HashDamChannel
from mining.clients.hashdam import request_withdrawal
from mining.models import MiningWithdrawal, PoolWithdrawal, Status
from mining.operations.pay_out_coins import TryAgain, pay_out_coins
from mining.operations.reconcile_payouts import reconcile_payouts
from mining.operations.register_external import register_external
from mining.operations.sync_histories import WITHDRAWALS, sync_history
from tests.races import run_together
from tests.sandbox.served import Served, StoppedClock

pytestmark = pytest.mark.django_db(transaction=True)

NOT_LET_IN = "Invalid access from an unauthorized IP Address"
CHECKPOINTS = [
    "hashdam: attempt written",
    "hashdam: before the claim",
    "hashdam: before the call",
    "hashdam: after the call",
    "hashdam: outcome stored",
    "hashdam: bound",
    "hashdam: to people",
]
METHOD = "assetWithdrawRequest"
FINAL = {Status.COMPLETED, Status.FAILED}

# What the pool does with the first call, and in which states the payout may end.
OUTCOMES: dict[str, tuple[list[dict[str, Any]], set[str]]] = {
    "accepted": ([], {"completed"}),
    "fails": ([{"kind": "ends", "status": "failed", "message": "no"}], {"failed", "completed"}),
    "is canceled": ([{"kind": "ends", "status": "canceled", "message": "no"}], {"failed", "completed"}),
    "address not let in": (
        [{"kind": "refusal", "message": NOT_LET_IN}],
        {"completed"},
    ),
    "no permission": ([{"kind": "refusal", "message": "No API Permission"}], {"refused", "completed"}),
    "another refusal": ([{"kind": "refusal", "message": "Not enough balance"}], {"manual-review", "completed"}),
    "reset, done": ([{"kind": "reset"}], {"completed"}),
    "reset, not done": ([{"kind": "reset", "executes": False}], {"manual-review", "completed"}),
    "500, done": ([{"kind": "status", "status": 500}], {"completed"}),
    "503, not done": ([{"kind": "status", "status": 503, "executes": False}], {"manual-review", "completed"}),
    "redirect": ([{"kind": "redirect"}], {"completed"}),
    "html": ([{"kind": "html"}], {"completed"}),
    "truncated": ([{"kind": "truncated"}], {"completed"}),
    "duplicate keys": ([{"kind": "poisoned", "as": "duplicate-keys"}], {"completed"}),
    "code as text": ([{"kind": "poisoned", "as": "verdict-as-text"}], {"completed"}),
    "empty id": ([{"kind": "id-empty"}], {"completed"}),
    "no id": ([{"kind": "id-missing"}], {"completed"}),
    "another's id": ([{"kind": "id-repeated"}], {"completed"}),
    "another amount": ([{"kind": "echo-differs", "field": "amount", "value": "9"}], {"completed"}),
    "another coin": ([{"kind": "echo-differs", "field": "coin", "value": "PEP"}], {"completed"}),
    "done late": ([{"kind": "executes-late", "seconds": 90}, {"kind": "reset"}], {"completed"}),
    "done very late": ([{"kind": "executes-late", "seconds": 400}, {"kind": "reset"}], {"completed"}),
    "listed late": ([{"kind": "lists-late", "seconds": 100}, {"kind": "reset"}], {"completed"}),
}
SOME = ["accepted", "is canceled", "no permission", "another refusal", "reset, not done", "empty id", "another's id"]
CASES: list[tuple[str, str | None]] = [
    *((outcome, None) for outcome in [*SOME, "done very late", "listed late"]),
    *(("reset, done", place) for place in CHECKPOINTS),
]
ALL_CASES = [(outcome, place) for place in [None, *CHECKPOINTS] for outcome in OUTCOMES]


class Killed(BaseException):
    pass


def killing(place: str | None) -> Any:
    def hook(name: str) -> None:
        if name == place and not died:
            died.append(name)
            raise Killed

    died: list[str] = []
    return hooked(hook)


def pay() -> None:
    with suppress(TryAgain):
        pay_out_coins(reference="request 1", coin="LTC", amount=Decimal("1.5"))


def step(work: Any) -> None:
    with suppress(Killed):
        work()


def play(time: StoppedClock, place: str | None, *, seconds: int = 900) -> None:
    """The job and the reconciler, each delivered again and again while time goes on; one of them is killed once."""
    with killing(place):
        step(pay)
        for _round in range(seconds // 45):
            step(pay)
            step(reconcile_payouts)
            if MiningWithdrawal.objects.filter(status__in=FINAL).exists():
                break
            time.turn(45)


def ours(pool: Served) -> list[dict[str, Any]]:
    return [row for row in pool.books()["withdrawals"] if row["origin"] == "api" and row["amount"] == "1.5"]


def check(pool: Served, allowed: set[str]) -> None:
    *earlier, last = MiningWithdrawal.objects.order_by("pk")
    assert {row.status for row in earlier} <= {Status.NOT_SENT, Status.REFUSED}
    made = ours(pool)
    # Killed before the call, it was never made: absence is then all the proof there can be, and people settle it.
    assert last.status in (allowed if made else allowed | {Status.NOT_SENT, Status.MANUAL_REVIEW})
    assert len(made) <= 1
    if last.status in FINAL:
        assert (last.remote_id, last.status) == (made[0]["withdrawId"], made[0]["status"].replace("canceled", "failed"))
        assert last.fee == Decimal(made[0]["fee"])
    if last.status == Status.MANUAL_REVIEW:
        assert last.reason
        assert Alert.objects.filter(key=f"mining.payout:{last.reference}").exists()
    assert not [finding.violations for finding in catalogue.look_at_all() if not finding.holds]


def run_case(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, outcome: str, place: str | None
) -> None:
    monkeypatch.setattr(channel_module, "CALL_SECONDS", 1.0)
    pool.control("withdraw-outside", coin="LTC", amount="9")  # so that there is an id to repeat
    sync_history(history=WITHDRAWALS)
    faults, allowed = OUTCOMES[outcome]
    for fault in faults:
        pool.fault(method=METHOD, call=1, **fault)
    play(time, place)
    check(pool, allowed)


@pytest.mark.parametrize(("outcome", "place"), CASES)
def test_at_most_one_withdrawal_and_each_case_comes_to_its_end(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, outcome: str, place: str | None
) -> None:
    run_case(pool, time, monkeypatch, outcome, place)


@pytest.mark.prove
@pytest.mark.parametrize(("outcome", "place"), ALL_CASES)
def test_the_same_for_every_outcome_at_every_checkpoint(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, outcome: str, place: str | None
) -> None:
    run_case(pool, time, monkeypatch, outcome, place)


def test_done_twice_by_the_pool_is_told_and_stops_everything_else(pool: Served, time: StoppedClock) -> None:
    pool.fault("executes-twice", method=METHOD, times=1)
    play(time, None)
    assert len(ours(pool)) == 2
    assert MiningWithdrawal.objects.get().status == Status.COMPLETED
    assert PoolWithdrawal.objects.orphans().count() == 1
    assert Alert.objects.filter(key__startswith="mining.orphan:").exists()
    assert [finding.invariant.id for finding in catalogue.look_at_all() if not finding.holds] == ["R1"]
    with pytest.raises(TryAgain, match="orphan"):
        pay_out_coins(reference="request 2", coin="DOGE", amount=Decimal(100))
    register_external(remote_id=PoolWithdrawal.objects.orphans().get().remote_id, explanation="the pool's mistake")
    assert pay_out_coins(reference="request 2", coin="DOGE", amount=Decimal(100))


def test_done_twice_with_the_answer_lost_goes_to_people(pool: Served, time: StoppedClock) -> None:
    pool.fault("executes-twice", method=METHOD, times=1)
    pool.fault("reset", method=METHOD, times=1)
    play(time, None)
    row = MiningWithdrawal.objects.get()
    assert (row.status, len(row.evidence["rows"])) == (Status.MANUAL_REVIEW, 2)


def test_a_pool_that_is_away_is_tried_three_times_with_nothing_sent(
    pool: Served, time: StoppedClock, settings: Any
) -> None:
    genuine = request_withdrawal

    def away(*args: Any, **options: Any) -> Any:
        settings.HASHDAM_API_BASE_URL = "http://127.0.0.1:9/v1"
        try:
            return genuine(*args, **options)
        finally:
            settings.HASHDAM_API_BASE_URL = pool.url

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel_module, "request_withdrawal", away)
        play(time, None)
    assert list(MiningWithdrawal.objects.values_list("status", "reason")) == [("not_sent", "refused")] * 3
    assert not ours(pool)


def test_while_one_is_unknown_no_second_of_its_coin_and_amount_is_sent(pool: Served, time: StoppedClock) -> None:
    pool.fault("lists-late", method=METHOD, call=1, seconds=600)
    pool.fault("reset", method=METHOD, call=1)
    pay()
    with pytest.raises(TryAgain, match="open"):
        pay_out_coins(reference="request 2", coin="LTC", amount=Decimal("1.50"))
    pay_out_coins(reference="request 3", coin="LTC", amount=Decimal("1.6"))
    assert {row["amount"] for row in pool.books()["withdrawals"]} == {"1.5", "1.6"}


def test_two_whose_rows_look_alike_by_the_fee_go_to_people(pool: Served, time: StoppedClock) -> None:
    for number, amount in enumerate(("1.5", "1.501"), 1):
        pool.fault("reset", method=METHOD, call=number)
        pay_out_coins(reference=f"request {number}", coin="LTC", amount=Decimal(amount))
    for _round in range(6):
        reconcile_payouts()
        time.turn(45)
    assert set(MiningWithdrawal.objects.values_list("status", flat=True)) == {Status.MANUAL_REVIEW}


@pytest.mark.parametrize("as_", ["net", "gross"])
def test_a_history_net_or_gross_of_the_fee_is_understood(pool: Served, time: StoppedClock, as_: str) -> None:
    pool.fault("history-amounts", **{"as": as_})
    pool.fault("reset", method=METHOD, call=1)
    play(time, None, seconds=180)
    assert MiningWithdrawal.objects.get().status == Status.COMPLETED


@pytest.mark.parametrize("kind", ["history-loses-page", "history-misses"])
def test_a_history_that_stays_broken_ends_with_people_in_time(pool: Served, time: StoppedClock, kind: str) -> None:
    for amount in range(2, 5):
        pool.control("withdraw-outside", coin="LTC", amount=str(amount))
    sync_history(history=WITHDRAWALS)
    pool.fault("reset", method=METHOD, executes=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mining.clients.hashdam.histories.LIMIT", 2)
        pay()
        pool.fault(kind, method="assetWithdrawHistory", **({"every": 1} if kind == "history-misses" else {"page": 1}))
        for _round in range(8):
            reconcile_payouts()
            time.turn(45)
    assert MiningWithdrawal.objects.get().status == Status.MANUAL_REVIEW


def test_the_kill_switch_stops_it_before_the_call(pool: Served, time: StoppedClock) -> None:
    KillSwitch.objects.update(is_on=True)
    pay()
    assert MiningWithdrawal.objects.get().status == Status.NOT_SENT
    assert not ours(pool)


def begun(amount: str = "1.5") -> Attempt:
    payment = Payment(reference="alone", asset="LTC", amount=Decimal(amount))
    attempt = Attempt(payment=payment, mark=HashDamChannel().prepare(payment))
    with transaction.atomic():
        HashDamChannel().begin(attempt)
    return attempt


def test_one_attempt_delivered_to_many_workers_calls_once(pool: Served, time: StoppedClock) -> None:
    attempt = begun()
    outcomes = run_together(*[lambda: HashDamChannel().submit(attempt)] * 4)
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert len(ours(pool)) == 1


def test_without_the_claim_the_race_is_real(pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    attempt = begun()
    monkeypatch.setattr(channel_module, "_claim", lambda _row: True)
    run_together(*[lambda: HashDamChannel().submit(attempt)] * 2)
    assert len(ours(pool)) == 2


def test_a_worker_that_wakes_after_the_deadline_does_not_call(pool: Served, time: StoppedClock) -> None:
    attempt = begun()
    time.turn(600)
    HashDamChannel().submit(attempt)
    assert MiningWithdrawal.objects.get().status == Status.NOT_SENT
    assert not ours(pool)


def test_what_people_gave_up_is_free_again_and_shows_as_an_orphan_if_it_turns_up(
    pool: Served, time: StoppedClock
) -> None:
    pool.fault("lists-late", method=METHOD, call=1, seconds=3000)
    pool.fault("reset", method=METHOD, call=1)
    attempt = begun()
    HashDamChannel().submit(attempt)
    with transaction.atomic():
        HashDamChannel().abandon(attempt)
    assert MiningWithdrawal.objects.get().status == Status.RELEASED
    time.turn(4000)
    pay_out_coins(reference="another", coin="LTC", amount=Decimal(7))
    reconcile_payouts()
    assert PoolWithdrawal.objects.orphans().get().amount == Decimal("1.5")
    with pytest.raises(NotReady):
        HashDamChannel().prepare(attempt.payment)
