"""Ask the remote how a payout stands, and follow what it shows."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.payouts import Ambiguous, Evidence, Failed, Finding, Found, NothingYet, Settled
from aeghash.core.transactions import must_have_none, opens_one, with_db_retry
from withdrawals.models import Action, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.bind_remote_id import bind_remote_id, is_taken, keep_evidence
from withdrawals.operations.fail_withdrawal import fail_withdrawal
from withdrawals.operations.settle_withdrawal import settle_withdrawal
from withdrawals.operations.step import lock_withdrawal, step
from withdrawals.operations.submit_withdrawal import CALL_LASTS
from withdrawals.queries.channels import attempt_of, channel_of

LISTED_WITHIN: Final = timedelta(hours=1)
TO_BE_LOOKED_AT: Final = (Status.SUBMITTED, Status.UNKNOWN, Status.MANUAL_REVIEW)


@must_have_none()
def reconcile_withdrawal(*, withdrawal_id: int) -> Withdrawal:
    """One look at the remote, then one transaction. Nothing new, or nothing to look for: nothing happens."""
    withdrawal = Withdrawal.objects.select_related("asset").get(pk=withdrawal_id)
    attempt = WithdrawalAttempt.objects.filter(withdrawal=withdrawal, closed_at__isnull=True).first()
    if withdrawal.status not in TO_BE_LOOKED_AT or attempt is None:
        return withdrawal
    finding = channel_of(withdrawal).look(attempt_of(attempt), withdrawal.remote_id or "")
    checkpoint("withdrawal: looked")
    return follow_finding(withdrawal_id=withdrawal_id, number=attempt.number, finding=finding)


@with_db_retry()
@opens_one()
def follow_finding(*, withdrawal_id: int, number: int, finding: Finding) -> Withdrawal:
    """Under the lock: the finding speaks of one attempt, which may have been decided meanwhile."""
    withdrawal = lock_withdrawal(withdrawal_id)
    attempt = WithdrawalAttempt.objects.get(withdrawal=withdrawal, number=number)
    if withdrawal.status not in TO_BE_LOOKED_AT or attempt.closed_at:
        return withdrawal
    match finding:
        case Found(remote_id, evidence) | Settled(remote_id, evidence) | Failed(remote_id, evidence) if (
            reason := _why_not_ours(withdrawal, remote_id)
        ):
            return review_by_people(withdrawal, attempt, reason, evidence)
        case Found(remote_id, evidence):
            return _bound(withdrawal, attempt, remote_id, evidence)
        case Settled(remote_id, evidence):
            return settle_withdrawal(_bound(withdrawal, attempt, remote_id, evidence), attempt, evidence)
        case Failed(remote_id, evidence):
            return _failed(_bound(withdrawal, attempt, remote_id, evidence), evidence)
        case Ambiguous(reason, evidence):
            return review_by_people(withdrawal, attempt, reason, evidence)
        case NothingYet(reason):
            return _waited_long_enough(withdrawal, attempt, reason)


def _why_not_ours(withdrawal: Withdrawal, remote_id: str) -> str:
    """Empty: follow it. A failure without the remote's number rests on our own word that nothing was sent; what that is
    worth is for people to say, as for every unknown payout.
    """
    if not remote_id:
        return "by our own books nothing was sent"
    if withdrawal.remote_id not in (None, remote_id):
        return f"it is {withdrawal.remote_id} at the remote, and now {remote_id} as well"
    return f"{remote_id} is another request's" if is_taken(withdrawal, remote_id) else ""


def _bound(withdrawal: Withdrawal, attempt: WithdrawalAttempt, remote_id: str, evidence: Evidence) -> Withdrawal:
    if withdrawal.status == Status.SUBMITTED:
        keep_evidence(attempt, evidence)
        return withdrawal
    return bind_remote_id(withdrawal, attempt, remote_id, evidence=evidence)


def _failed(withdrawal: Withdrawal, evidence: Evidence) -> Withdrawal:
    """A `manual-review` goes through `submitted`, too: it is bound first, so that the remote's row is known for ever."""
    reason = str(evidence.get("status", "")) or "the remote shows that it was not paid"
    return fail_withdrawal(withdrawal, f"the remote says: {reason}")


def _waited_long_enough(withdrawal: Withdrawal, attempt: WithdrawalAttempt, reason: str) -> Withdrawal:
    """Nothing is in doubt without end: after this long people look, whatever the remote does."""
    if withdrawal.status == Status.SUBMITTED and clock.now() >= withdrawal.moved_at + LISTED_WITHIN:
        return review_by_people(withdrawal, attempt, f"accepted, but not shown: {reason}", {})
    waited_since = (
        attempt.started_at
        + CALL_LASTS
        + 2 * timedelta(seconds=settings.HASHDAM_LISTING_DELAY_SECONDS)
        + timedelta(seconds=60)
    )
    if withdrawal.status == Status.UNKNOWN and clock.now() >= waited_since:
        return review_by_people(withdrawal, attempt, f"no proof either way in time: {reason}", {})
    return withdrawal


def review_by_people(withdrawal: Withdrawal, attempt: WithdrawalAttempt, reason: str, evidence: Evidence) -> Withdrawal:
    """No further look will tell. In `submitted` the request stays there: it is the remote's, only its end is unclear."""
    keep_evidence(attempt, {"reason": reason, **evidence})
    if withdrawal.status == Status.UNKNOWN:
        step(
            withdrawal, Status.MANUAL_REVIEW, Action.MANUAL_REVIEW, reason=reason, details={"evidence": dict(evidence)}
        )
    raise_alert(
        key=f"withdrawal-review:{withdrawal.pk}",
        severity=Severity.CRITICAL,
        sentence=_("Two people must look into withdrawal #%(id)s.") % {"id": withdrawal.pk},
        reason=reason,
    )
    return withdrawal
