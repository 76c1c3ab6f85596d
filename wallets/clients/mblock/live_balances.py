from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aeghash.core import clock
from wallets.clients.mblock import client
from wallets.models import Asset, AssetKind, CryptoWallet


@dataclass(frozen=True, slots=True)
class LiveBalance:
    asset: str
    amount: Decimal
    read_at: datetime


def live_balances(wallet: CryptoWallet, *, deadline: float = client.READ_DEADLINE) -> list[LiveBalance]:
    """Asked of the chain now. Raises what the client raises."""
    tokens = Asset.objects.filter(kind=AssetKind.TOKEN).order_by("contract")
    return [
        LiveBalance(
            asset.symbol,
            client.balance_of(address=wallet.address, contract=asset.contract, deadline=deadline),
            clock.now(),
        )
        for asset in tokens
    ]
