"""`reconcile_withdrawals`, and the lock after a restore."""

import pytest
from django.core.management import call_command

from aeghash.core.actors import acting_as, command
from aeghash.core.models import Alert, AuditRow
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from mining.operations.register_external import register_external
from mining.operations.sync_histories import WITHDRAWALS, sync_history
from mining.queries.orphans import orphans
from tests.withdrawals.world import World, approved, ask, fresh, heal, member, staff, work
from withdrawals.models import Status, SubmissionLock
from withdrawals.operations.lock_submissions import UNLOCK_SUBMISSIONS, NotReconciled, lock_if_restored
from withdrawals.operations.reconcile_withdrawal import reconcile_withdrawal
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.queries.submission_lock import why_locked

POOL = "assetWithdrawRequest"


def restored() -> None:
    """As the database finds itself after a restore: it is another than the one it remembers to be."""
    lock_if_restored()
    SubmissionLock.objects.update(system_identifier="7000000000000000000")


def unlocked_by_two() -> None:
    proposal = propose(act=UNLOCK_SUBMISSIONS, content={}, by=staff(), reason="compared")
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=staff())


def test_after_a_restore_nothing_is_submitted_until_compared_and_two_people_agree(world: World) -> None:
    sync_history(history=WITHDRAWALS)
    withdrawal = approved(ask(member(LTC="10")))
    restored()
    assert why_locked()
    work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.APPROVED, [])
    assert lock_if_restored()
    assert lock_if_restored(), "and it stays so"
    assert AuditRow.objects.filter(verb="submissions.locked").count() == 1
    assert Alert.objects.filter(key="submissions-locked", severity="critical").exists()
    with pytest.raises(NotReconciled):
        unlocked_by_two()
    assert reconcile_withdrawals().is_clean
    world.turn(30)
    work()
    assert world.paid(withdrawal) == [], "a clean comparison alone lifts nothing"
    unlocked_by_two()
    assert not why_locked()
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


def test_what_was_paid_after_the_backup_keeps_it_locked_until_explained(world: World) -> None:
    """No book of ours knows it: the pool's history has to be read anew, or the comparison would be one with itself."""
    sync_history(history=WITHDRAWALS)
    restored()
    world.pool.control("withdraw-outside", coin="LTC", amount="5")
    assert not reconcile_withdrawals().is_clean
    with pytest.raises(NotReconciled):
        unlocked_by_two()
    register_external(remote_id=orphans().get().remote_id, explanation="paid after the backup")
    assert reconcile_withdrawals().is_clean
    unlocked_by_two()


def test_a_history_that_can_not_be_read_is_not_clean(world: World) -> None:
    sync_history(history=WITHDRAWALS)
    restored()
    world.pool.fault("reset", method="assetWithdrawHistory")
    result = reconcile_withdrawals()
    assert (result.is_clean, SubmissionLock.objects.get().reconciled_at) == (False, None)
    assert "can't be read" in result.unexplained[0]


def test_the_command_says_how_it_stands_and_fails_while_anything_is_open(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.pool.fault("lists-late", method=POOL, times=1, seconds=120)
    world.pool.fault("reset", method=POOL, times=1)
    withdrawal = approved(ask(member(LTC="10")))
    work()
    with pytest.raises(SystemExit, match="1"):
        call_command("reconcile_withdrawals")
    said = capsys.readouterr().out
    assert "1 looked at" in said
    assert "1 unknown" in said
    world.turn(130)
    call_command("reconcile_withdrawals")
    assert fresh(withdrawal).status in (Status.SUBMITTED, Status.COMPLETED)


def test_one_that_can_not_be_looked_at_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [approved(ask(member(LTC="10"), amount=amount)) for amount in ("1", "2")]
    work()

    def broken(*, withdrawal_id: int) -> object:
        if withdrawal_id == both[0].pk:
            raise RuntimeError("a bug")
        return reconcile_withdrawal(withdrawal_id=withdrawal_id)

    world.turn(60)
    with monkeypatch.context() as patch:
        patch.setattr("withdrawals.operations.reconcile_withdrawals.reconcile_withdrawal", broken)
        result = reconcile_withdrawals()
    assert (result.failed, result.is_clean) == ([both[0].pk], False)
    assert fresh(both[1]).status == Status.COMPLETED
    with acting_as(command("test")):
        heal(world)
