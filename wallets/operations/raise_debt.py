"""Take back what a member shouldn't have."""

from dataclasses import dataclass
from decimal import Decimal

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import Entry, collect
from wallets.models.system_accounts import SystemAccount


@dataclass(frozen=True)
class Collected:
    taken: Decimal
    owed: Decimal


@with_db_retry()
def raise_debt(
    *, reference: str, asset: str, amount: Decimal, member: int, target: SystemAccount, reason: str = ""
) -> Collected:
    """Up to what is available comes back at once; the rest becomes the member's debt, which the next credits pay first.

    `target` gets the whole amount: what isn't there yet comes out of the account of debts. Its transfers are
    `<reference>:taken` and `<reference>:owed`. The same again gives the same. Refuses: a reference that stands for
    something else (`reference_used`), an asset or member that isn't there (`not_found`), an amount the asset can't have.
    """
    taken, owed = collect(Entry(reference, asset, amount, member, target), reason)
    return Collected(taken=taken, owed=owed)
