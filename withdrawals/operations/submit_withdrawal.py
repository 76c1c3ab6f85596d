"""Pay an approved request: the one call to the remote, between two committed states."""

from datetime import timedelta
from typing import Final

import structlog
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import Lease
from aeghash.core.models import Severity
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.payouts import Attempt, NotReady, Payment
from aeghash.core.transactions import must_have_none
from withdrawals.models import Action, AssetPolicy, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.approve_withdrawal import SUBMIT
from withdrawals.operations.expire_approvals import void_approvals
from withdrawals.operations.note_outcome import note_outcome
from withdrawals.operations.step import lock_withdrawal, step
from withdrawals.queries.channels import channel_of, payment_of, payout_policy_of
from withdrawals.queries.claims import why_not_any_more
from withdrawals.queries.stops import why_stopped

TO_BE_SUBMITTED: Final = (Status.APPROVED, Status.RETRYING)
CALL_LASTS: Final = timedelta(minutes=2)  # longer than any channel's deadline
COME_BACK: Final = timedelta(seconds=20)
TOO_LONG: Final = timedelta(minutes=15)

log = structlog.get_logger(__name__)


@must_have_none()
def submit_withdrawal(*, lease: Lease, withdrawal_id: int) -> None:
    """Claims the request, calls the remote once, and writes down what came of it. Told twice, or late: nothing happens.

    While submissions are stopped, or the remote can't carry one more, it comes back by another job. A claim whose worker
    dies is found by `give_up_overdue_claims`, and its outcome is unknown: nobody else will call for it.
    """
    withdrawal = Withdrawal.objects.get(pk=withdrawal_id)
    if withdrawal.status not in TO_BE_SUBMITTED:
        return
    try:
        attempt = _begin(lease, withdrawal)
    except NotReady as busy:
        _come_back(lease, withdrawal, busy.reason)
        return
    if attempt is None:
        return
    checkpoint("withdrawal: claimed")
    if _may_still_call(lease, withdrawal_id, attempt):
        outcome = channel_of(withdrawal).submit(attempt)
        checkpoint("withdrawal: answered")
        note_outcome(withdrawal_id=withdrawal_id, number=_number(attempt), outcome=outcome)


def _begin(lease: Lease, withdrawal: Withdrawal) -> Attempt | None:
    if reason := why_stopped():
        raise NotReady(reason)
    payment = _payment(withdrawal, payout_policy_of(withdrawal))
    mark = channel_of(withdrawal).prepare(payment)  # may read the remote, so in no transaction
    checkpoint("withdrawal: marked")
    with lease.transaction():
        return _claim(withdrawal.pk, Attempt(payment=payment, mark=mark))


def _claim(withdrawal_id: int, attempt: Attempt) -> Attempt | None:
    """Under the row's lock everything is asked again that was true when it was approved."""
    withdrawal = lock_withdrawal(withdrawal_id)
    policy = payout_policy_of(withdrawal)
    if withdrawal.status not in TO_BE_SUBMITTED or _payment(withdrawal, policy) != attempt.payment:
        return None
    if reason := why_not_any_more(withdrawal, policy):
        void_approvals(withdrawal, reason)
        return None
    number = withdrawal.attempts + 1
    WithdrawalAttempt.objects.create(
        withdrawal=withdrawal, round=withdrawal.round, number=number, mark=dict(attempt.mark)
    )
    channel_of(withdrawal).begin(attempt)
    now = clock.now()
    step(
        withdrawal,
        Status.SUBMITTING,
        Action.SUBMITTING,
        details={"attempt": number},
        attempts=number,
        lease_until=now + CALL_LASTS,
    )
    return attempt


def _may_still_call(lease: Lease, withdrawal_id: int, attempt: Attempt) -> bool:
    """A worker that was paused since the claim must not call: to the rest of the house the outcome is unknown by now.

    The claim is then left to be given up: nothing was sent, but nobody but this process could swear to it. The channel asks
    the same of its own row, and for the kill switch, as the last thing before the socket opens.
    """
    row = Withdrawal.objects.filter(pk=withdrawal_id, status=Status.SUBMITTING, lease_until__gt=clock.now())
    return lease.still_mine() and row.filter(attempts=_number(attempt)).exists()


def _come_back(lease: Lease, withdrawal: Withdrawal, reason: str) -> None:
    log.info("withdrawal_waits", withdrawal=withdrawal.pk, reason=reason)
    with lease.last_transaction():
        enqueue(SUBMIT, key=f"withdrawal:{withdrawal.pk}", due_at=clock.now() + COME_BACK, withdrawal_id=withdrawal.pk)
        if clock.now() >= withdrawal.moved_at + TOO_LONG:
            raise_alert(
                key=f"withdrawal-waits:{withdrawal.pk}",
                severity=Severity.WARNING,
                sentence=_("Withdrawal #%(id)s is approved, but can't be submitted.") % {"id": withdrawal.pk},
                reason=reason,
            )


def _payment(withdrawal: Withdrawal, policy: AssetPolicy) -> Payment:
    return payment_of(withdrawal, policy, number=withdrawal.attempts + 1)


def _number(attempt: Attempt) -> int:
    return int(attempt.payment.reference.rsplit(":", 1)[1])
