from withdrawals.operations.change_policy import CHANGE_PAYOUT_POLICY
from withdrawals.operations.lock_submissions import UNLOCK_SUBMISSIONS
from withdrawals.operations.resolve_withdrawal import RESOLVE_REVIEW

__all__ = ["CHANGE_PAYOUT_POLICY", "RESOLVE_REVIEW", "UNLOCK_SUBMISSIONS"]
