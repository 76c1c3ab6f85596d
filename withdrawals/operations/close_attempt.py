"""It is decided what an attempt came to."""

from aeghash.core import clock
from aeghash.core.transactions import needs_one
from withdrawals.models import Withdrawal, WithdrawalAttempt
from withdrawals.queries.channels import attempt_of, channel_of


@needs_one()
def close_attempt(attempt: WithdrawalAttempt) -> None:
    attempt.closed_at = clock.now()
    attempt.save(update_fields=["closed_at"])


@needs_one()
def abandon_attempt(withdrawal: Withdrawal, attempt: WithdrawalAttempt) -> None:
    """Nothing was sent: the channel gives back what it had reserved for it. Raises NotReady, before anything is written,
    where the channel knows better.
    """
    channel_of(withdrawal).abandon(attempt_of(attempt))
    close_attempt(attempt)
