"""Pay what was held."""

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import Side, resolve


@with_db_retry()
def settle(*, hold: int, reference: str, target: Side | None = None, reason: str = "") -> int:
    """To where the hold says, or to `target` instead.

    Refuses: a hold that is settled or released already (`hold_resolved`), one that isn't there (`not_found`), a reference
    of another transfer (`reference_used`).
    """
    return resolve("settle", hold=hold, reference=reference, target=target, reason=reason)
