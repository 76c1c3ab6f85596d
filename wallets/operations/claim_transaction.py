"""Taking a transfer for its one call: from here on nobody else makes it, and its wallet makes no other."""

from datetime import timedelta
from enum import Enum, auto
from typing import Final

from django.db import IntegrityError

from aeghash.core import clock
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import needs_one
from wallets.models import WAITING, CryptoWallet, TransactionStatus, WalletState, WalletTransaction
from wallets.operations.fail_transaction import fail_transaction
from wallets.operations.walk_transaction import walk

# The two readings before it, the call itself, and room. Who is paused for longer finds the row taken from it.
CALL_TIME: Final = timedelta(seconds=60)


class Claim(Enum):
    TAKEN = auto()
    LATER = auto()  # something else is in the way, and will pass
    NOTHING_TO_DO = auto()


@needs_one()
def claim_transaction(row: WalletTransaction) -> Claim:
    """Of a locked row. The kill switch, the wallet's state and its other transfers are looked at under the locks."""
    if row.status not in WAITING:
        return Claim.NOTHING_TO_DO
    if kill_switch.is_on():
        return Claim.LATER
    wallet = locked_wallet(row)
    if wallet.state == WalletState.FROZEN:
        fail_transaction(row, reason="wallet_frozen")
        return Claim.NOTHING_TO_DO
    if wallet.state != WalletState.ACTIVE:
        return Claim.LATER
    try:
        now = clock.now()
        walk(row, TransactionStatus.SUBMITTING, attempts=row.attempts + 1, call_until=now + CALL_TIME, mark={})
    except IntegrityError:  # `wallet_transactions_one_in_flight`
        return Claim.LATER
    return Claim.TAKEN


def locked_wallet(row: WalletTransaction) -> CryptoWallet:
    """Against a refresh of its key at the same time, which would kill the key that the call is about to use."""
    return CryptoWallet.objects.select_for_update(no_key=True).get(pk=row.wallet_id)
