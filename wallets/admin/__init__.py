from wallets.admin import crypto_settings, crypto_wallets, wallet_transactions

__all__ = ["crypto_settings", "crypto_wallets", "wallet_transactions"]
