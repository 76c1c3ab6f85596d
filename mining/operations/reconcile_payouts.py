"""Look in the pool's history what became of the payouts that aren't settled."""

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.egress import EgressFailure
from aeghash.core.models import Severity
from aeghash.core.money import format_amount
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.payouts import Ambiguous, Finding
from aeghash.core.transactions import must_have_none
from mining.channels.hashdam import HashDamChannel, attempt_of
from mining.clients.hashdam import IncompleteReading, Remark, Unreadable
from mining.models import UNSETTLED, MiningWithdrawal
from mining.operations.sync_histories import WITHDRAWALS, sync_history
from mining.operations.watch_orphans import watch_orphans

log = structlog.get_logger(__name__)


@must_have_none()
def reconcile_payouts() -> dict[str, Finding]:
    """By reference. Then the history is read into our tables, so that an orphan is seen as soon as the pool shows it."""
    rows = list(MiningWithdrawal.objects.filter(status__in=UNSETTLED).order_by("pk"))
    found = {row.reference: reconcile_payout(row=row) for row in rows}
    if rows:
        look_for_orphans()
    return found


@must_have_none()
def look_for_orphans() -> str:
    """Reads the history and tells people of what is nobody's. Empty, or why it couldn't be read."""
    unread = ""
    try:
        sync_history(history=WITHDRAWALS)
    except (EgressFailure, IncompleteReading, Remark, Unreadable) as failure:
        unread = str(failure)
        log.warning("mining.not_read", part="withdrawals", reason=unread)
    watch_orphans()
    return unread


@must_have_none()
def reconcile_payout(*, row: MiningWithdrawal) -> Finding:
    finding = HashDamChannel().look(attempt_of(row))
    _note(row, finding)
    return finding


@transaction.atomic
def _note(row: MiningWithdrawal, finding: Finding) -> None:
    now = MiningWithdrawal.objects.get(pk=row.pk)
    if now.status != row.status:
        record(
            "mining.payout_reconciled",
            of=row,
            before={"status": row.status, "remote_id": row.remote_id},
            after={"status": now.status, "remote_id": now.remote_id},
            reason=now.reason,
        )
    if isinstance(finding, Ambiguous):
        raise_alert(
            key=f"mining.payout:{row.reference}",
            severity=Severity.CRITICAL,
            sentence=_("What became of a payout can't be told. Two people must settle it."),
            reference=row.reference,
            coin=row.coin,
            amount=format_amount(row.amount, 0),
            reason=finding.reason,
        )
