from wallets.models.assets import Asset, AssetKind
from wallets.models.balances import Balance, Debt
from wallets.models.crypto_wallets import ApiKeySighting, CryptoWallet, TransitConfig, WalletState
from wallets.models.posting import (
    Entry,
    HoldResolved,
    InsufficientBalance,
    ReferenceUsed,
    Side,
    UnknownAsset,
    UnknownHold,
    UnknownMember,
)
from wallets.models.system_accounts import SystemAccount, SystemSum
from wallets.models.transfers import Transfer, TransferKind
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
    "Balance",
    "CryptoWallet",
    "Debt",
    "Entry",
    "HoldResolved",
    "InsufficientBalance",
    "ReferenceUsed",
    "Side",
    "SystemAccount",
    "SystemSum",
    "TransactionKind",
    "TransactionOrigin",
    "TransactionStatus",
    "Transfer",
    "TransferKind",
    "TransitConfig",
    "UnknownAsset",
    "UnknownHold",
    "UnknownMember",
    "WalletCallback",
    "WalletState",
    "WalletTransaction",
]
