"""The wallets' acts that take two people."""

from wallets.operations.adjust_balance import ADJUST_BALANCE

__all__ = ["ADJUST_BALANCE"]
