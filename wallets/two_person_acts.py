"""The wallets' acts that take two people."""

from wallets.operations.adjust_balance import ADJUST_BALANCE
from wallets.operations.move_tokens import TRANSFER_TOKENS, TRANSIT_TOKENS
from wallets.operations.resolve_manual_review import RESOLVE_AS_NOT_SENT, RESOLVE_AS_SENT

__all__ = ["ADJUST_BALANCE", "RESOLVE_AS_NOT_SENT", "RESOLVE_AS_SENT", "TRANSFER_TOKENS", "TRANSIT_TOKENS"]
