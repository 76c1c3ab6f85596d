"""Two people, of what they have seen: whatever is tried, by whomever, at whatever moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from aeghash.core.actors import acting_as, command
from aeghash.core.errors import NotAllowed, Refusal
from aeghash.core.models import Alert, Job, JobState, User
from aeghash.core.operations.set_kill_switch import engage_kill_switch
from aeghash.core.transactions import opens_one
from risk.models import ListKind, Target
from risk.operations.add_list_entry import add_list_entry
from tests.races import run_together
from tests.wallets.books import standing
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff, work
from withdrawals.models import Approval, Status, Withdrawal, WithdrawalAttempt, WithdrawalLog
from withdrawals.operations import approve_withdrawal as approving
from withdrawals.operations.approve_withdrawal import SUBMIT, OwnRequest, SameApprover, approve
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.expire_approvals import expire_approvals
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.operations.reject_withdrawal import reject_withdrawal
from withdrawals.operations.step import InvalidState, VersionConflict

NOT_LET_IN = "Invalid access from an unauthorized IP Address"
HALF = Status.APPROVED_PENDING


def left(withdrawal: Withdrawal) -> list[Any]:
    rows = (Approval.objects.count(), WithdrawalLog.objects.count(), Job.objects.filter(kind=SUBMIT).count())
    return [fresh(withdrawal).status, fresh(withdrawal).version, *rows]


def refused(withdrawal: Withdrawal, by: User, kind: type[Refusal], *, version: int | None = None) -> None:
    """And nothing has happened."""
    before = left(withdrawal)
    with pytest.raises(kind):
        approve(withdrawal_id=withdrawal.pk, by=by, version=version or fresh(withdrawal).version)
    assert left(withdrawal) == before


def test_nobody_approves_what_they_filed_or_what_is_for_themselves(world: World) -> None:
    clerk = staff()
    refused(ask(member(), requested_by=clerk), clerk, OwnRequest)
    own = member(LTC="10")
    own.groups.set(Group.objects.filter(name="finance"))
    refused(ask(own), own, OwnRequest)


def test_one_person_approves_once_even_in_two_tabs(world: World) -> None:
    withdrawal, one = ask(member()), staff()
    outcomes = run_together(*[lambda: approve(withdrawal_id=withdrawal.pk, by=one, version=1)] * 4)
    assert sorted(type(outcome.error).__name__ for outcome in outcomes if outcome.error) == ["SameApprover"] * 3
    assert fresh(withdrawal).status == HALF
    refused(withdrawal, one, SameApprover)


def test_without_the_right_nobody_approves_or_rejects(world: World) -> None:
    withdrawal = ask(member())
    refused(withdrawal, staff("support"), NotAllowed)
    gone = staff()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    refused(withdrawal, gone, NotAllowed)
    with pytest.raises(NotAllowed):
        reject_withdrawal(withdrawal_id=withdrawal.pk, by=staff("support"), reason="no")


def test_what_has_changed_since_it_was_seen_is_not_approved(world: World) -> None:
    withdrawal = ask(member())
    approve(withdrawal_id=withdrawal.pk, by=staff(), version=1)
    refused(withdrawal, staff(), VersionConflict, version=1)


def many_second_approvals(count: int) -> tuple[Withdrawal, list[Any]]:
    withdrawal = ask(member(LTC="10"))
    approve(withdrawal_id=withdrawal.pk, by=staff(), version=1)
    people = [staff() for _ in range(count)]

    def second(person: User) -> Any:
        return lambda: approve(withdrawal_id=withdrawal.pk, by=person, version=2)

    return withdrawal, run_together(*[second(person) for person in people])


def test_of_20_second_approvals_at_once_one_wins_and_one_submission_follows(world: World) -> None:
    withdrawal, outcomes = many_second_approvals(20)
    losers = [outcome.error for outcome in outcomes if outcome.error]
    assert [getattr(error, "status", error) for error in losers] == [409] * 19
    assert Approval.objects.count() == 2
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)
    assert WithdrawalAttempt.objects.count() == 1


def test_control_without_the_rows_lock_several_believe_they_have_won(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database still lets one through; the others meet its constraints instead of a refusal."""
    monkeypatch.setattr(approving, "lock_withdrawal", lambda pk: Withdrawal.objects.get(pk=pk))
    withdrawal, outcomes = many_second_approvals(8)
    assert any(outcome.error is not None and not isinstance(outcome.error, Refusal) for outcome in outcomes)
    assert Approval.objects.filter(withdrawal=withdrawal).count() <= 2


def test_an_approval_races_a_cancellation_and_one_of_them_wins(world: World) -> None:
    user = member(LTC="100")
    for _ in range(4):
        withdrawal = ask(user)
        approve(withdrawal_id=withdrawal.pk, by=staff(), version=1)
        second = staff()

        def cancel(pk: int = withdrawal.pk) -> None:
            with acting_as(command("test")), opens_one():
                cancel_withdrawal(withdrawal_id=pk)

        def agree(pk: int = withdrawal.pk, by: User = second) -> None:
            approve(withdrawal_id=pk, by=by, version=2)

        outcomes = run_together(cancel, agree)
        assert sum(isinstance(outcome.error, InvalidState) for outcome in outcomes) == 1
        heal(world)
        ended = fresh(withdrawal)
        assert (ended.status, len(WithdrawalAttempt.objects.filter(withdrawal=ended))) in (
            (Status.CANCELLED, 0),
            (Status.COMPLETED, 1),
        )


def test_a_right_lost_before_the_submission_takes_the_approval_with_it(world: World) -> None:
    one, two = staff(), staff()
    withdrawal = approved(ask(member()), one, two)
    one.groups.clear()
    heal(world, minutes=2)
    assert (fresh(withdrawal).status, fresh(withdrawal).round) == (Status.PENDING, 2)
    assert "lost the right" in fresh(withdrawal).reason
    approved(withdrawal)
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


def test_the_right_to_resolve_alone_carries_no_approval(world: World) -> None:
    one = staff()
    withdrawal = approved(ask(member()), one, staff())
    one.groups.clear()
    one.user_permissions.add(Permission.objects.get(codename="resolve_withdrawals"))
    heal(world, minutes=2)
    assert fresh(withdrawal).status == Status.PENDING


@pytest.mark.parametrize("given", [1, 2])
def test_approvals_older_than_a_day_are_void(world: World, given: int) -> None:
    """Also those of a request that could not be submitted all the while."""
    withdrawal = ask(member())
    approved(withdrawal, *[staff() for _ in range(given)])
    world.turn(timedelta(hours=24).total_seconds() - 1)
    assert expire_approvals() == 0
    world.turn(1)
    assert expire_approvals() == 1
    assert (fresh(withdrawal).status, fresh(withdrawal).round) == (Status.PENDING, 2)
    work()
    assert world.paid(withdrawal) == []


def test_a_second_attempt_with_approvals_of_yesterday_fails_and_frees_the_money(world: World) -> None:
    user = member(LTC="10")
    world.pool.fault("refusal", method="assetWithdrawRequest", times=1, message=NOT_LET_IN)
    withdrawal = approved(ask(user))
    work()
    assert fresh(withdrawal).status == Status.RETRYING
    world.turn(25 * 3600)
    assert expire_approvals() == 1
    assert (fresh(withdrawal).status, standing(user.pk, "LTC")) == (Status.FAILED, (10, 0))


def test_one_step_mode_needs_one_person(world: World, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_STEP_REQUIRED = False
    withdrawal = ask(member())
    assert approve(withdrawal_id=withdrawal.pk, by=staff(), version=1).status == Status.APPROVED
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED


def test_one_step_turned_off_meanwhile_asks_for_the_second_person_and_goes_on(world: World, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_STEP_REQUIRED = False
    early, late = approved(ask(member()), staff()), ask(member(), amount="2")
    settings.WITHDRAWAL_TWO_STEP_REQUIRED = True
    work()
    assert fresh(early).status == Status.PENDING, "one approval is not enough any more"
    for withdrawal in (early, late):
        version = fresh(withdrawal).version
        assert approve(withdrawal_id=withdrawal.pk, by=staff(), version=version).status == HALF
        approve(withdrawal_id=withdrawal.pk, by=staff(), version=version + 1)
    heal(world)
    assert {fresh(early).status, fresh(late).status} == {Status.COMPLETED}


def test_one_step_turned_on_meanwhile_changes_nothing_for_what_was_asked(world: World, settings: Any) -> None:
    withdrawal = ask(member())
    settings.WITHDRAWAL_TWO_STEP_REQUIRED = False
    assert approve(withdrawal_id=withdrawal.pk, by=staff(), version=1).status == HALF


def test_a_request_that_risk_blocks_takes_the_approvals_of_the_members_others(world: World) -> None:
    user = member()
    withdrawal = approved(ask(user))
    world.turn(1)
    add_list_entry(kind=ListKind.BLOCKED, target=Target.ADDRESS, value=ADDRESS, note="stolen", by=staff("operations"))
    assert ask(user, "USDT", "1").status == Status.CANCELLED
    work()
    assert (fresh(withdrawal).status, fresh(withdrawal).reason) == (Status.PENDING, "risk has blocked the member since")
    assert world.paid(withdrawal) == []


def test_the_kill_switch_holds_what_is_approved(world: World) -> None:
    withdrawal = approved(ask(member()))
    engage_kill_switch(reason="drill")
    for _ in range(3):
        work()
        world.turn(30)
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.APPROVED, [])


def test_what_no_job_will_come_to_is_woken(world: World) -> None:
    """Its last attempt failed, and nobody has retried it."""
    withdrawal = approved(ask(member()))
    Job.objects.filter(kind=SUBMIT).update(state=JobState.DEAD, finished_at=world.now())
    heal(world, minutes=3)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)
    reconcile_withdrawals()
    assert not Job.objects.filter(kind=SUBMIT, state=JobState.QUEUED).exists()


def test_what_can_not_be_submitted_for_long_is_told(world: World) -> None:
    withdrawal = approved(ask(member(USDT="100"), "USDT", "99"))
    world.chain.fault("reset", method="balanceOf")
    for minutes in range(20):
        work()
        world.turn(60)
        assert Alert.objects.filter(key=f"withdrawal-waits:{withdrawal.pk}").exists() == (minutes >= 15)
    assert fresh(withdrawal).status == Status.APPROVED


def test_the_address_put_on_the_blocked_list_since_takes_the_approvals(world: World) -> None:
    withdrawal = approved(ask(member(), "USDT", "1"))
    add_list_entry(kind=ListKind.BLOCKED, target=Target.ADDRESS, value=ADDRESS, note="stolen", by=staff("operations"))
    work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.PENDING, [])
