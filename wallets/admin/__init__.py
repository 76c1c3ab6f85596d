"""The wallets' part of the staff's pages."""

from wallets.admin.balances import BalanceScreen
from wallets.admin.transfers import TransferScreen

__all__ = ["BalanceScreen", "TransferScreen"]
