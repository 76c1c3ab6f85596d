"""Claims whose worker never came back."""

from aeghash.core import clock
from aeghash.core.transactions import must_have_none, opens_one
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.note_outcome import doubt
from withdrawals.operations.step import lock_withdrawal


@must_have_none()
def give_up_overdue_claims() -> int:
    """Whether the call was made, nobody can say: the outcome is unknown. Returns how many."""
    overdue = Withdrawal.objects.filter(status=Status.SUBMITTING, lease_until__lte=clock.now())
    return sum(_give_up(pk) for pk in overdue.values_list("pk", flat=True))


@opens_one()
def _give_up(withdrawal_id: int) -> bool:
    withdrawal = lock_withdrawal(withdrawal_id)
    if withdrawal.status != Status.SUBMITTING or (withdrawal.lease_until and withdrawal.lease_until > clock.now()):
        return False
    doubt(withdrawal, "the worker that called for it never came back")
    return True
