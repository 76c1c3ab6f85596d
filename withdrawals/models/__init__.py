from withdrawals.models.addresses import PayoutAddress
from withdrawals.models.approvals import Approval
from withdrawals.models.attempts import Result, WithdrawalAttempt
from withdrawals.models.audit_log import Action, WithdrawalLog
from withdrawals.models.desk_claims import DeskClaim
from withdrawals.models.policies import AssetPolicy, SubmissionLock
from withdrawals.models.requests import Channel, Withdrawal
from withdrawals.models.statuses import CLOSED, EDGES, OPEN, UNDECIDED, Status

__all__ = [
    "CLOSED",
    "EDGES",
    "OPEN",
    "UNDECIDED",
    "Action",
    "Approval",
    "AssetPolicy",
    "Channel",
    "DeskClaim",
    "PayoutAddress",
    "Result",
    "Status",
    "SubmissionLock",
    "Withdrawal",
    "WithdrawalAttempt",
    "WithdrawalLog",
]
