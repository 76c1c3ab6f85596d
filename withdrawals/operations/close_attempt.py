from aeghash.core import clock
from aeghash.core.transactions import needs_one
from withdrawals.models import Withdrawal, WithdrawalAttempt
from withdrawals.queries.channels import attempt_of, channel_of


@needs_one()
def close_attempt(withdrawal: Withdrawal, attempt: WithdrawalAttempt) -> None:
    """It is decided what this attempt came to: the channel gives back what it had reserved for it."""
    attempt.closed_at = clock.now()
    attempt.save(update_fields=["closed_at"])
    channel_of(withdrawal).abandon(attempt_of(attempt))
