from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.transactions import needs_one
from withdrawals.models import Action, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.close_attempt import abandon_attempt
from withdrawals.operations.release_hold import release_hold
from withdrawals.operations.step import step


@needs_one()
def fail_withdrawal(withdrawal: Withdrawal, reason: str) -> Withdrawal:
    """The remote has not paid and never will: the member's money is free again, and the people in charge are told."""
    attempt = WithdrawalAttempt.objects.filter(withdrawal=withdrawal, closed_at__isnull=True).first()
    if attempt:
        abandon_attempt(withdrawal, attempt)
    release_hold(withdrawal)
    step(withdrawal, Status.FAILED, Action.FAILED, reason=reason, lease_until=None)
    raise_alert(
        key=f"withdrawal-failed:{withdrawal.pk}",
        severity=Severity.WARNING,
        sentence=_("Withdrawal #%(id)s has failed; the money is free again.") % {"id": withdrawal.pk},
        reason=reason,
    )
    return withdrawal
