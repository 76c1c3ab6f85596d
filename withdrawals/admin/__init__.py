"""The desk of the withdrawals, and what it rests on. Importing them registers them."""

from withdrawals.admin import cards as _cards  # noqa: F401 - its cards register themselves
from withdrawals.admin.addresses import AddressScreen
from withdrawals.admin.policies import PolicyScreen
from withdrawals.admin.queue import Desk
from withdrawals.admin.submission_lock import SubmissionLockScreen

__all__ = ["AddressScreen", "Desk", "PolicyScreen", "SubmissionLockScreen"]
