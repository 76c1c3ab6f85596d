"""What came of a call, written down as soon as it is known."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Severity
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.payouts import Accepted, NotReady, NotSent, Outcome, Refused, Unknown
from aeghash.core.transactions import opens_one, with_db_retry
from withdrawals.models import Action, Result, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.approve_withdrawal import SUBMIT
from withdrawals.operations.bind_remote_id import bind_remote_id, is_taken
from withdrawals.operations.close_attempt import abandon_attempt
from withdrawals.operations.fail_withdrawal import fail_withdrawal
from withdrawals.operations.step import lock_withdrawal, step

MOST_ATTEMPTS: Final = 3
FIRST_PAUSE: Final = timedelta(seconds=30)


@with_db_retry()
@opens_one()
def note_outcome(*, withdrawal_id: int, number: int, outcome: Outcome) -> Withdrawal:
    """Moves the request to where its outcome leads. Noted already: nothing happens.

    An outcome that comes after the claim was given up stays as evidence beside the attempt; if it names the remote's
    number, the request is bound to it, as the reconciler would have done. Where people have decided otherwise by then,
    they are told.
    """
    withdrawal = lock_withdrawal(withdrawal_id)
    attempt = WithdrawalAttempt.objects.get(withdrawal=withdrawal, number=number)
    if attempt.result:
        return withdrawal
    _write(attempt, outcome)
    if attempt.closed_at or withdrawal.status != Status.SUBMITTING:
        return _late(withdrawal, attempt, outcome)
    try:
        return _in_time(withdrawal, attempt, outcome)
    except NotReady as known:  # the reconciler was quicker, and has seen what the answer denies
        return doubt(withdrawal, f"the answer was “{attempt.reason}”, but {known.reason}")


def _write(attempt: WithdrawalAttempt, outcome: Outcome) -> None:
    match outcome:
        case Accepted(remote_id):
            result, reason = Result.ACCEPTED, ""
            attempt.remote_id = remote_id
        case NotSent(reason):
            result = Result.NOT_SENT
        case Refused(reason):
            result = Result.REFUSED
        case Unknown(reason):
            result = Result.UNKNOWN
    attempt.result, attempt.reason, attempt.answered_at = result, reason, clock.now()
    attempt.save(update_fields=["result", "reason", "remote_id", "answered_at"])


def _in_time(withdrawal: Withdrawal, attempt: WithdrawalAttempt, outcome: Outcome) -> Withdrawal:
    match outcome:
        case Accepted(remote_id) if is_taken(withdrawal, remote_id):
            return doubt(withdrawal, f"the remote gave it the number {remote_id}, which is another request's")
        case Accepted(remote_id):
            return step(withdrawal, Status.SUBMITTED, Action.SUBMITTED, remote_id=remote_id, lease_until=None)
        case Unknown(reason):
            return doubt(withdrawal, reason)
        case NotSent(reason) | Refused(reason, passing=True) if _may_try_again(withdrawal):
            return _again(withdrawal, attempt, reason)
        case NotSent(reason) | Refused(reason):
            return fail_withdrawal(withdrawal, reason)


def _may_try_again(withdrawal: Withdrawal) -> bool:
    """Three calls for each set of approvals."""
    return WithdrawalAttempt.objects.filter(withdrawal=withdrawal, round=withdrawal.round).count() < MOST_ATTEMPTS


def _late(withdrawal: Withdrawal, attempt: WithdrawalAttempt, outcome: Outcome) -> Withdrawal:
    if not isinstance(outcome, Accepted) or withdrawal.remote_id == outcome.remote_id:
        return withdrawal
    is_undecided = attempt.closed_at is None and withdrawal.status in (Status.UNKNOWN, Status.MANUAL_REVIEW)
    if is_undecided and not is_taken(withdrawal, outcome.remote_id):
        return bind_remote_id(withdrawal, attempt, outcome.remote_id, evidence={"answer": "came late"})
    raise_alert(
        key=f"withdrawal-late:{attempt.reference}",
        severity=Severity.CRITICAL,
        sentence=_("Withdrawal #%(id)s was accepted after all, but decided otherwise before. Money may have moved.")
        % {"id": withdrawal.pk},
        remote_id=outcome.remote_id,
    )
    return withdrawal


def doubt(withdrawal: Withdrawal, reason: str) -> Withdrawal:
    """It may have been paid, or may yet be: nobody calls again, and the money stays held, until there is proof."""
    step(withdrawal, Status.UNKNOWN, Action.UNKNOWN, reason=reason, lease_until=None)
    raise_alert(
        key=f"withdrawal-unknown:{withdrawal.pk}",
        severity=Severity.WARNING,
        sentence=_("Nobody knows yet whether withdrawal #%(id)s was paid.") % {"id": withdrawal.pk},
        reason=reason,
    )
    return withdrawal


def _again(withdrawal: Withdrawal, attempt: WithdrawalAttempt, reason: str) -> Withdrawal:
    abandon_attempt(withdrawal, attempt)
    step(withdrawal, Status.RETRYING, Action.RETRYING, reason=reason, lease_until=None)
    due_at = clock.now() + FIRST_PAUSE * 2 ** (withdrawal.attempts - 1)
    enqueue(SUBMIT, key=f"withdrawal:{withdrawal.pk}", due_at=due_at, withdrawal_id=withdrawal.pk)
    return withdrawal
