from aeghash.core.transactions import needs_one
from wallets.operations.release import release
from withdrawals.models import Withdrawal


@needs_one()
def release_hold(withdrawal: Withdrawal) -> None:
    """The money is the member's to use again. Released already: nothing happens."""
    assert withdrawal.hold_id is not None
    release(hold=withdrawal.hold_id, reference=f"withdrawal:{withdrawal.pk}:release")
