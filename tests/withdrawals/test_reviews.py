"""What no machine may decide, and what comes late: two people, and proof before word."""

from collections.abc import Callable
from typing import Any

import pytest

from aeghash.core import catalogue
from aeghash.core.checkpoints import hooked
from aeghash.core.errors import NotAllowed, Refusal
from aeghash.core.models import Alert, Proposal, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.set_kill_switch import engage_kill_switch, lift_kill_switch
from aeghash.core.payouts import Accepted, Failed, NotSent, Refused
from mining.models import MiningWithdrawal
from mining.operations.reconcile_payouts import reconcile_payouts
from mining.operations.register_external import register_external
from mining.queries.orphans import orphans
from tests.races import run_together
from tests.wallets.books import standing
from tests.wallets.mblock.dying import Killed
from tests.withdrawals.dying import resolve
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff, work
from wallets.models import WalletTransaction
from wallets.operations.watch_wallets import watch_wallets
from withdrawals.models import Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.forward_withdrawal import TransactionUsed, record_forwarding
from withdrawals.operations.give_up_overdue_claims import give_up_overdue_claims
from withdrawals.operations.note_outcome import note_outcome
from withdrawals.operations.reconcile_withdrawal import follow_finding, reconcile_withdrawal
from withdrawals.operations.resolve_withdrawal import NotSettledYet, propose_resolution, resolve_withdrawal
from withdrawals.operations.step import InvalidState

POOL = "assetWithdrawRequest"


def in_review(world: World, *, executes: bool, asset: str = "LTC", listed_after: float = 0) -> Withdrawal:
    """Its answer was lost; whether it was paid, the remote may or may not show."""
    remote, method = (world.pool, POOL) if asset == "LTC" else (world.chain, "transferByWalletKey")
    if listed_after:
        remote.fault("lists-late", method=method, times=1, seconds=listed_after)
    remote.fault("reset", method=method, times=1, executes=executes)
    withdrawal = approved(ask(member(**{asset: "10"}), asset, "1.5"))
    heal(world)
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW
    return fresh(withdrawal)


def test_given_up_by_two_people_the_money_is_free(world: World) -> None:
    withdrawal = in_review(world, executes=False)
    resolve(withdrawal, "release", (staff(), staff()))
    assert (fresh(withdrawal).status, standing(withdrawal.user_id, "LTC")) == (Status.FAILED, (10, 0))


def test_sent_again_by_two_people_it_is_paid_once(world: World) -> None:
    withdrawal = in_review(world, executes=False)
    resolve(withdrawal, "resend", (staff(), staff()))
    assert (fresh(withdrawal).status, fresh(withdrawal).round) == (Status.APPROVED, 2)
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)
    assert WithdrawalAttempt.objects.filter(withdrawal=withdrawal).count() == 2


@pytest.mark.parametrize("asset", ["LTC", "USDT"])
def test_one_persons_word_changes_nothing_not_even_in_the_channels_books(world: World, asset: str) -> None:
    if asset == "LTC":  # two rows that look alike: whose is whose, only people can say
        world.pool.fault("executes-twice", method=POOL, times=1)
    withdrawal = in_review(world, executes=True, asset=asset)
    rows = world.paid(withdrawal)
    remote_id = rows[0].get("withdrawId") or rows[0]["txid"]
    before = list(MiningWithdrawal.objects.values()), list(WalletTransaction.objects.values())
    proposal = propose_resolution(
        withdrawal_id=withdrawal.pk, resolution="submitted", by=staff(), reason="seen", remote_id=remote_id
    )
    reconcile_withdrawal(withdrawal_id=withdrawal.pk)
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW
    assert (list(MiningWithdrawal.objects.values()), list(WalletTransaction.objects.values())) == before
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=staff())
    heal(world)
    assert (fresh(withdrawal).status, fresh(withdrawal).remote_id) == (Status.COMPLETED, remote_id)
    reconcile_payouts()
    for orphan in orphans():
        register_external(remote_id=orphan.remote_id, explanation="the pool did it twice")


def test_what_the_remote_does_not_show_as_this_payout_is_not_believed(world: World) -> None:
    withdrawal, other = in_review(world, executes=False), approved(ask(member(LTC="10"), amount="2"))
    heal(world, minutes=5)
    for remote_id, code in (
        ("made-up", "not_proven"),
        ("", "validation_error"),
        (fresh(other).remote_id, "remote_id_taken"),
    ):
        with pytest.raises(Refusal) as refused:
            propose_resolution(
                withdrawal_id=withdrawal.pk, resolution="submitted", by=staff(), reason="x", remote_id=str(remote_id)
            )
        assert refused.value.code == code
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("resolution", ["release", "resend"])
def test_what_the_pool_has_bound_meanwhile_is_not_given_up(world: World, resolution: str) -> None:
    """The mining app looks by itself: between its look and ours two people mustn't give the money back."""
    withdrawal = in_review(world, executes=True, listed_after=900)
    proposal = propose_resolution(withdrawal_id=withdrawal.pk, resolution=resolution, by=staff(), reason="absent")
    world.turn(900)
    reconcile_payouts()
    assert MiningWithdrawal.objects.get().status == "completed"
    with pytest.raises(NotSettledYet):
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=staff())
    assert (fresh(withdrawal).status, standing(withdrawal.user_id, "LTC")[1]) == (
        Status.MANUAL_REVIEW,
        withdrawal.amount,
    )
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


def test_what_turns_up_before_the_second_word_needs_no_word(world: World) -> None:
    withdrawal = in_review(world, executes=True, listed_after=900)
    one, two = staff(), staff()
    resolve_withdrawal(withdrawal_id=withdrawal.pk, resolution="release", by=one, reason="absent")
    world.turn(900)
    with pytest.raises(InvalidState):
        resolve_withdrawal(withdrawal_id=withdrawal.pk, resolution="release", by=two, reason="absent")
    assert fresh(withdrawal).status == Status.COMPLETED


def test_a_word_about_an_earlier_review_does_not_stand_in_the_way_of_a_later(world: World) -> None:
    withdrawal, (one, two, three) = in_review(world, executes=False), (staff(), staff(), staff())
    propose_resolution(withdrawal_id=withdrawal.pk, resolution="release", by=three, reason="old")
    resolve(withdrawal, "resend", (one, two))
    world.pool.fault("reset", method=POOL, times=1, executes=False)
    heal(world)
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW
    _row, is_done = resolve_withdrawal(withdrawal_id=withdrawal.pk, resolution="resend", by=one, reason="again")
    assert not is_done
    resolve(withdrawal, "release", (two, three))


def test_the_requester_and_who_lacks_the_right_do_not_resolve(world: World) -> None:
    withdrawal = in_review(world, executes=False)
    clerk = staff()
    other = ask(member(LTC="10"), amount="3", requested_by=clerk)
    with pytest.raises(NotAllowed):
        propose_resolution(withdrawal_id=withdrawal.pk, resolution="release", by=staff("operations"), reason="x")
    with pytest.raises(InvalidState):
        propose_resolution(withdrawal_id=other.pk, resolution="release", by=staff(), reason="x")
    proposal = propose_resolution(withdrawal_id=withdrawal.pk, resolution="release", by=clerk, reason="x")
    for wrong in (clerk, staff("operations")):
        with pytest.raises(Refusal):
            agree(proposal_id=proposal.pk, digest=proposal.digest, by=wrong)
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW


def test_two_people_who_resolve_at_once_resolve_once(world: World) -> None:
    withdrawal, people = in_review(world, executes=False), [staff() for _ in range(2)]
    proposals = [
        propose_resolution(withdrawal_id=withdrawal.pk, resolution=resolution, by=by, reason="x")
        for resolution, by in zip(("release", "resend"), people, strict=True)
    ]

    def agreeing(number: int) -> Callable[[], Any]:
        proposal, by = proposals[number], people[1 - number]
        return lambda: agree(proposal_id=proposal.pk, digest=proposal.digest, by=by)

    outcomes = run_together(agreeing(0), agreeing(1))
    assert sum(outcome.error is None for outcome in outcomes) == 1
    heal(world)
    assert len(world.paid(withdrawal)) == (fresh(withdrawal).status == Status.COMPLETED)


def test_nothing_sent_by_our_own_books_is_for_people_too(world: World) -> None:
    """MBlock: the worker died before it called. The edge from unknown to failed doesn't exist."""
    withdrawal = approved(ask(member(USDT="10"), "USDT", "1.5"))
    claimed_and_dead(withdrawal)
    world.turn(150)
    give_up_overdue_claims()
    watch_wallets()
    assert WalletTransaction.objects.get().status == "failed"
    assert reconcile_withdrawal(withdrawal_id=withdrawal.pk).status == Status.MANUAL_REVIEW
    assert "nothing was sent" in fresh(withdrawal).reason
    resolve(fresh(withdrawal), "resend", (staff(), staff()))
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


def claimed_and_dead(withdrawal: Withdrawal) -> None:
    def die(name: str) -> None:
        if name == "withdrawal: claimed":
            raise Killed

    with hooked(die), pytest.raises(Killed):
        work()
    assert fresh(withdrawal).status == Status.SUBMITTING


def test_paused_for_ten_minutes_and_woken_a_worker_calls_nobody(world: World) -> None:
    def sleep(name: str) -> None:
        if name == "withdrawal: claimed":
            world.turn(600)

    withdrawal = approved(ask(member(LTC="10")))
    with hooked(sleep):
        work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.SUBMITTING, [])
    heal(world)
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.MANUAL_REVIEW, [])


@pytest.mark.parametrize("asset", ["LTC", "USDT"])
def test_the_kill_switch_between_claim_and_call_stops_it_with_nothing_sent(world: World, asset: str) -> None:
    def stop(name: str) -> None:
        if name == "withdrawal: claimed":
            engage_kill_switch(reason="drill")

    withdrawal = approved(ask(member(**{asset: "10"}), asset))
    with hooked(stop):
        work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.RETRYING, [])
    lift_kill_switch(reason="drill over")
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


@pytest.mark.parametrize("asset", ["LTC", "USDT"])
def test_not_sent_three_times_is_failed_and_the_money_free(world: World, asset: str) -> None:
    withdrawal = approved(ask(member(**{asset: "10"}), asset))
    message = "Invalid access from an unauthorized IP Address" if asset == "LTC" else "No API Permission"
    world.remote(withdrawal.channel).fault(
        "refusal", method=POOL if asset == "LTC" else "transferByWalletKey", times=3, message=message
    )
    heal(world)
    assert (fresh(withdrawal).status, fresh(withdrawal).attempts, world.paid(withdrawal)) == (Status.FAILED, 3, [])
    assert standing(withdrawal.user_id, asset) == (10, 0)
    assert Alert.objects.filter(key=f"withdrawal-failed:{withdrawal.pk}").exists()


def test_an_answer_that_comes_after_people_gave_it_up_is_told(world: World) -> None:
    withdrawal = in_review(world, executes=False)
    WithdrawalAttempt.objects.update(result=None)
    resolve(withdrawal, "release", (staff(), staff()))
    for _ in "ab":
        note_outcome(withdrawal_id=withdrawal.pk, number=1, outcome=Accepted("late-1"))
    assert (fresh(withdrawal).status, fresh(withdrawal).remote_id) == (Status.FAILED, None)
    assert Alert.objects.get(key=f"withdrawal-late:withdrawal:{withdrawal.pk}:1").severity == "critical"
    assert WithdrawalAttempt.objects.get().remote_id == "late-1"


def test_a_late_answer_with_anothers_number_is_told_and_does_not_fail(world: World) -> None:
    other = approved(ask(member(LTC="10"), amount="2"))
    heal(world)
    withdrawal = in_review(world, executes=False)
    WithdrawalAttempt.objects.filter(withdrawal=withdrawal).update(result=None)
    note_outcome(withdrawal_id=withdrawal.pk, number=1, outcome=Accepted(str(fresh(other).remote_id)))
    assert fresh(withdrawal).status == Status.MANUAL_REVIEW
    assert Alert.objects.filter(key__startswith="withdrawal-late:").exists()


@pytest.mark.parametrize("outcome", [NotSent("refused"), Refused("no", passing=False), Refused("no", passing=True)])
def test_a_denial_of_what_the_reconciler_has_seen_is_doubted(world: World, outcome: Any) -> None:
    withdrawal = approved(ask(member(LTC="10")))
    claimed_and_dead(withdrawal)
    MiningWithdrawal.objects.update(status="submitted", remote_id="seen-1")
    note_outcome(withdrawal_id=withdrawal.pk, number=1, outcome=outcome)
    assert fresh(withdrawal).status == Status.UNKNOWN
    assert standing(withdrawal.user_id, "LTC")[1] == withdrawal.amount
    MiningWithdrawal.objects.update(status="unknown", remote_id=None)


@pytest.mark.parametrize("finding", [Failed("", {"reason": "two people: not sent"}), Failed("another", {})])
def test_a_failure_that_is_not_of_the_number_it_was_accepted_by_frees_no_money(world: World, finding: Failed) -> None:
    withdrawal = approved(ask(member(LTC="10")))
    work()
    assert fresh(withdrawal).status == Status.SUBMITTED
    follow_finding(withdrawal_id=withdrawal.pk, number=1, finding=finding)
    assert (fresh(withdrawal).status, standing(withdrawal.user_id, "LTC")[1]) == (Status.SUBMITTED, withdrawal.amount)
    assert Alert.objects.filter(key=f"withdrawal-review:{withdrawal.pk}").exists()


def test_accepted_but_never_shown_is_told(world: World) -> None:
    world.pool.fault("lists-late", method=POOL, times=1, seconds=36_000)
    withdrawal = approved(ask(member(LTC="10")))
    work()
    for hour in range(2):
        reconcile_withdrawal(withdrawal_id=withdrawal.pk)
        assert Alert.objects.filter(key=f"withdrawal-review:{withdrawal.pk}").exists() == (hour == 1)
        world.turn(3600)
    assert fresh(withdrawal).status == Status.SUBMITTED


def test_one_transaction_of_the_exchange_forwards_one_request(world: World) -> None:
    user, clerk = member(LTC="10"), staff()
    both = [approved(ask(user, amount=amount, address=ADDRESS)) for amount in ("1", "2")]
    heal(world)
    assert [fresh(one).status for one in both] == [Status.FORWARDING] * 2

    def recording(one: Withdrawal, by: User = clerk) -> Callable[[], Any]:
        return lambda: record_forwarding(withdrawal_id=one.pk, by=by, txid="exchange-1")

    outcomes = run_together(*map(recording, both))
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [TransactionUsed]
    assert not [found for found in catalogue.look_at_all(only=("W1", "L3")) if not found.holds]
