"""Let go what was held."""

from aeghash.core.transactions import with_db_retry
from wallets.models.posting import resolve


@with_db_retry()
def release(*, hold: int, reference: str, reason: str = "") -> int:
    """It is available again, and pays the member's debt first. Refuses as `settle` does."""
    return resolve("release", hold=hold, reference=reference, reason=reason)
