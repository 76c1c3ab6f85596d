"""Refresh the keys that are due, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.errors import Refusal
from wallets.models import CryptoWallet, WalletState
from wallets.operations.refresh_wallet_key import WalletBusy, WalletLost, refresh_wallet_key

DUE_AFTER: Final = timedelta(days=90)


@dataclass
class Rotation:
    refreshed: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)  # their turn comes with the next run
    refused: dict[str, str] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)


def due_wallets(older_than: timedelta = DUE_AFTER) -> list[CryptoWallet]:
    rows = CryptoWallet.objects.filter(state=WalletState.ACTIVE, key_since__lte=clock.now() - older_than)
    return list(rows.order_by("key_since", "pk"))


def rotate_wallet_keys(*, older_than: timedelta, tell: Callable[[int], None]) -> Rotation:
    """Stops at the first lost answer: whatever lost it would lose the next, and each costs a wallet."""
    rotation = Rotation()
    for done, wallet in enumerate(due_wallets(older_than), 1):
        try:
            refresh_wallet_key(wallet_id=wallet.pk)
            rotation.refreshed.append(wallet.address)
        except WalletLost:
            rotation.frozen.append(wallet.address)
            return rotation
        except WalletBusy:
            rotation.busy.append(wallet.address)
        except Refusal as refusal:
            rotation.refused[wallet.address] = str(refusal)
        tell(done)
    return rotation
