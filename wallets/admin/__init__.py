"""The wallets' part of the staff's pages."""

from wallets.admin import balances, cards, crypto_settings, crypto_wallets, transfers, wallet_transactions

__all__ = ["balances", "cards", "crypto_settings", "crypto_wallets", "transfers", "wallet_transactions"]
