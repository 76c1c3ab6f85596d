"""The wallets' part of the staff's pages."""

from wallets.admin import balances, crypto_settings, crypto_wallets, transfers, wallet_transactions

__all__ = ["balances", "crypto_settings", "crypto_wallets", "transfers", "wallet_transactions"]
