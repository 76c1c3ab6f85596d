from wallets.models.assets import Asset, AssetKind
from wallets.models.balances import Balance, Debt
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
from wallets.models.transfers import MOVING, Transfer, TransferKind

__all__ = [
    "MOVING",
    "Asset",
    "AssetKind",
    "Balance",
    "Debt",
    "Entry",
    "HoldResolved",
    "InsufficientBalance",
    "ReferenceUsed",
    "Side",
    "SystemAccount",
    "SystemSum",
    "Transfer",
    "TransferKind",
    "UnknownAsset",
    "UnknownHold",
    "UnknownMember",
]
