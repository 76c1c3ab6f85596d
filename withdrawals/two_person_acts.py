from withdrawals.operations.lock_submissions import UNLOCK_SUBMISSIONS
from withdrawals.operations.resolve_withdrawal import RESOLVE

__all__ = ["RESOLVE", "UNLOCK_SUBMISSIONS"]
