from wallets.models.assets import Asset, AssetKind
from wallets.models.crypto_wallets import ApiKeySighting, CryptoWallet, TransitConfig, WalletState
from wallets.models.wallet_transactions import (
    EDGES,
    FINAL,
    IN_FLIGHT,
    WAITING,
    TransactionKind,
    TransactionOrigin,
    TransactionStatus,
    WalletCallback,
    WalletTransaction,
)

__all__ = [
    "EDGES",
    "FINAL",
    "IN_FLIGHT",
    "WAITING",
    "ApiKeySighting",
    "Asset",
    "AssetKind",
    "CryptoWallet",
    "TransactionKind",
    "TransactionOrigin",
    "TransactionStatus",
    "TransitConfig",
    "WalletCallback",
    "WalletState",
    "WalletTransaction",
]
