"""This app's acts that take two people."""

from wallets.operations.move_tokens import TRANSFER_TOKENS, TRANSIT_TOKENS
from wallets.operations.resolve_manual_review import RESOLVE_AS_NOT_SENT, RESOLVE_AS_SENT

__all__ = ["RESOLVE_AS_NOT_SENT", "RESOLVE_AS_SENT", "TRANSFER_TOKENS", "TRANSIT_TOKENS"]
