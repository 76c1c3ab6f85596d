"""Take a request back, as whoever asked for it."""

from aeghash.core.transactions import needs_one
from withdrawals.models import Action, Status, Withdrawal
from withdrawals.operations.release_hold import release_hold
from withdrawals.operations.step import check_status, lock_withdrawal, step


@needs_one()
def cancel_withdrawal(*, withdrawal_id: int, reason: str = "") -> Withdrawal:
    """Cancelled already: nothing happens. Refuses a request that is approved or further (`invalid_state`).

    Part of the caller's transaction: a partner's call commits it with its own record. Whether the caller may touch this
    request is the caller's to check.
    """
    withdrawal = lock_withdrawal(withdrawal_id)
    if withdrawal.status == Status.CANCELLED:
        return withdrawal
    check_status(withdrawal, Status.PENDING, Status.APPROVED_PENDING)
    release_hold(withdrawal)
    return step(withdrawal, Status.CANCELLED, Action.CANCELLED, reason=reason.strip() or "taken back")
