"""Every payout whose end isn't known: one look at the remote each."""

from dataclasses import dataclass, field

import structlog

from aeghash.core.transactions import must_have_none
from mining.operations.reconcile_payouts import look_for_orphans
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.give_up_overdue_claims import give_up_overdue_claims
from withdrawals.operations.lock_submissions import lock_if_restored, note_clean_reconciliation
from withdrawals.operations.reconcile_withdrawal import TO_BE_LOOKED_AT, reconcile_withdrawal
from withdrawals.operations.wake_withdrawals import wake_withdrawals
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
    """One that can't be looked at holds up no other. When all is explained, that is noted for a lock after a restore: then
    the pool's history is read anew, since what was paid after the backup is in no book of ours.
    """
    result = Reconciliation()
    is_locked = lock_if_restored()
    give_up_overdue_claims()
    wake_withdrawals()
    for pk in Withdrawal.objects.filter(status__in=TO_BE_LOOKED_AT).order_by("pk").values_list("pk", flat=True):
        result.looked_at += 1
        try:
            status = reconcile_withdrawal(withdrawal_id=pk).status
        except Exception:
            log.exception("withdrawal_not_reconciled", withdrawal=pk)
            result.failed.append(pk)
        else:
            result.now[status] = result.now.get(status, 0) + 1
    unread = look_for_orphans() if is_locked else ""
    result.unexplained = [*([f"HashDam's history can't be read: {unread}"] if unread else []), *unexplained()]
    if result.is_clean:
        note_clean_reconciliation()
    return result
