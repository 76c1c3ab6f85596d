"""Looking after what MBlock has accepted, until a receipt proves it or its time is over."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import NotFound
from aeghash.core.jobs import Lease
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.payouts import Ambiguous, Finding, Settled
from aeghash.core.transactions import must_have_none, needs_one
from wallets.clients.mblock.evidence import finding_of
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.review_transaction import review_transaction
from wallets.operations.settle_call import CHECK
from wallets.operations.walk_transaction import locked, walk

S = TransactionStatus
LOOKED_AFTER: Final = (S.SUBMITTED, S.PENDING_TRANSIT)
SOONEST: Final = timedelta(seconds=2)
LATEST: Final = timedelta(minutes=1)


def check_by_job(*, lease: Lease, transaction_id: int) -> None:
    """Once; as long as it is open, the next look is wanted in the same commit."""
    row = found(transaction_id)
    finding = finding_of(row)
    checkpoint("wallets: looked")
    with lease.last_transaction():
        row = conclude(transaction_id, finding)
        if row.status in LOOKED_AFTER:
            enqueue(CHECK, key=f"{CHECK}:{row.pk}", due_at=_next_look(row), transaction_id=row.pk)


@must_have_none()
def check_transaction(*, transaction_id: int) -> WalletTransaction:
    """The same because a person asks. Nothing but a receipt of ours moves it on; asked again it is a no-op."""
    try:
        row = found(transaction_id)
    except WalletTransaction.DoesNotExist:
        raise NotFound from None
    finding = finding_of(row)
    with transaction.atomic():
        return conclude(transaction_id, finding)


def found(transaction_id: int) -> WalletTransaction:
    return WalletTransaction.objects.select_related("wallet", "asset").get(pk=transaction_id)


@needs_one()
def conclude(transaction_id: int, finding: Finding) -> WalletTransaction:
    row = locked(transaction_id)
    if isinstance(finding, Settled) and row.status in (*LOOKED_AFTER, S.MANUAL_REVIEW):
        complete(row, finding)
    if isinstance(finding, Ambiguous) and row.status in LOOKED_AFTER:
        review_transaction(row, reason=finding.reason, **finding.evidence)
    return row


def complete(row: WalletTransaction, finding: Settled) -> None:
    """A txid that another transfer has taken in the meantime proves nothing of this one."""
    try:
        walk(row, S.COMPLETED, txid=finding.remote_id, evidence={**row.evidence, **finding.evidence})
    except IntegrityError:
        return


def _next_look(row: WalletTransaction) -> datetime:
    """Often at first, then as often as its age doubles; never after its time is over."""
    now = clock.now()
    pause = min(max((now - row.updated_at) / 2, SOONEST), LATEST)
    due = now + pause
    return min(due, row.look_until) if row.look_until and row.look_until > now else due
