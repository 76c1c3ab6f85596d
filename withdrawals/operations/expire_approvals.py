"""Approvals that have not led to a submission in time are void."""

from typing import Final

from aeghash.core import clock
from aeghash.core.transactions import must_have_none, opens_one
from withdrawals.models import Action, Approval, Status, Withdrawal
from withdrawals.operations.fail_withdrawal import fail_withdrawal
from withdrawals.operations.step import lock_withdrawal, step

ON_APPROVALS: Final = (Status.APPROVED_PENDING, Status.APPROVED, Status.RETRYING)


@must_have_none()
def expire_approvals() -> int:
    """Each in a transaction of its own, so that one that is being approved right now holds up no other. Returns how many."""
    waiting = Withdrawal.objects.filter(status__in=ON_APPROVALS).values_list("pk", flat=True)
    return sum(_expire(pk) for pk in waiting)


@opens_one()
def _expire(withdrawal_id: int) -> bool:
    withdrawal = lock_withdrawal(withdrawal_id)
    if withdrawal.status not in ON_APPROVALS or not has_expired(withdrawal):
        return False
    void_approvals(withdrawal, "an approval is older than 24 hours")
    return True


def has_expired(withdrawal: Withdrawal) -> bool:
    of_this_round = Approval.objects.filter(withdrawal=withdrawal, round=withdrawal.round)
    return of_this_round.filter(expires_at__lte=clock.now()).exists()


def void_approvals(withdrawal: Withdrawal, reason: str) -> Withdrawal:
    """Back to the beginning: the approvals given so far stay in their round, and count for nothing. From `retrying` there is
    no way back; by then it is certain that nothing was sent.
    """
    if withdrawal.status == Status.RETRYING:
        return fail_withdrawal(withdrawal, reason)
    return step(withdrawal, Status.PENDING, Action.EXPIRED, reason=reason, round=withdrawal.round + 1)
