"""Every payout whose end isn't known: one look at the remote each."""

from dataclasses import dataclass, field

import structlog

from aeghash.core.transactions import must_have_none
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.give_up_overdue_claims import give_up_overdue_claims
from withdrawals.operations.lock_submissions import note_clean_reconciliation
from withdrawals.operations.reconcile_withdrawal import TO_BE_LOOKED_AT, reconcile_withdrawal
from withdrawals.queries.stops import unexplained

log = structlog.get_logger(__name__)


@dataclass
class Reconciliation:
    """How the requests that were looked at stand now; what couldn't be looked at; what keeps it from being clean."""

    looked_at: int = 0
    now: dict[str, int] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        open_questions = {Status.UNKNOWN, Status.MANUAL_REVIEW} & set(self.now)
        return not (self.failed or self.unexplained or open_questions)


@must_have_none()
def reconcile_withdrawals() -> Reconciliation:
    """One that can't be looked at holds up no other. When all is explained, that is noted for a lock after a restore."""
    result = Reconciliation()
    give_up_overdue_claims()
    for pk in Withdrawal.objects.filter(status__in=TO_BE_LOOKED_AT).order_by("pk").values_list("pk", flat=True):
        result.looked_at += 1
        try:
            status = reconcile_withdrawal(withdrawal_id=pk).status
        except Exception:
            log.exception("withdrawal_not_reconciled", withdrawal=pk)
            result.failed.append(pk)
        else:
            result.now[status] = result.now.get(status, 0) + 1
    result.unexplained = unexplained()
    if result.is_clean:
        note_clean_reconciliation()
    return result
