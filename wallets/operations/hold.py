"""Set an amount aside."""

from decimal import Decimal

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import Entry, Side, put
from wallets.models.system_accounts import SystemAccount


@with_db_retry()
def hold(
    *,
    reference: str,
    asset: str,
    amount: Decimal,
    source: int,
    target: Side = SystemAccount.PAYOUTS,
    reason: str = "",
) -> int:
    """The member still has it, but can't spend it, until it is settled or released, once and whole.

    Refuses as `post` does.
    """
    return put("hold", Entry(reference, asset, amount, source, target), reason)
