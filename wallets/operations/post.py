"""Move an amount."""

from decimal import Decimal

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import Entry, Side, put


@with_db_retry()
def post(*, reference: str, asset: str, amount: Decimal, source: Side, target: Side, reason: str = "") -> int:
    """From one side to another, at once. A member's balance is made if need be; a member's debt is paid first.

    Refuses: more than is available (`insufficient_balance`), a reference of another transfer (`reference_used`), an asset
    or member that isn't there (`not_found`), an amount the asset can't have (`validation_error`).
    """
    return put("post", Entry(reference, asset, amount, source, target), reason)
