"""The one writer of a transfer's status: each step with its audit row, in the caller's transaction."""

from typing import Any, Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from wallets.models import FINAL, TransactionStatus, WalletTransaction

S = TransactionStatus
VERBS: Final[dict[str, str]] = {
    S.SUBMITTING: "token_transfer.submitting",
    S.SUBMITTED: "token_transfer.submitted",
    S.PENDING_TRANSIT: "token_transfer.pending",
    S.RETRYING: "token_transfer.retrying",
    S.MANUAL_REVIEW: "token_transfer.manual_review",
    S.COMPLETED: "token_transfer.completed",
    S.FAILED: "token_transfer.failed",
}


@needs_one()
def locked(transaction_id: int) -> WalletTransaction:
    """With its wallet, which isn't locked: a transfer's row is, before its wallet's, wherever both are."""
    rows = WalletTransaction.objects.select_related("wallet", "asset")
    return rows.select_for_update(of=("self",)).get(pk=transaction_id)


@needs_one()
def walk(row: WalletTransaction, status: TransactionStatus, *, reason: str = "", **fields: Any) -> None:
    """From the locked row's status to another. Raises IntegrityError, in a savepoint, for what the database refuses: a
    txid used before, a wallet that is busy, a way that doesn't exist.
    """
    before = row.status
    changes = {"reason": reason[:200], **fields, "status": status}
    changes |= {"call_until": None} if before == S.SUBMITTING else {}
    changes |= {"finished_at": clock.now()} if status in FINAL else {}
    kept = {name: getattr(row, name) for name in changes}
    try:
        with transaction.atomic():
            row.update(**changes)
    except Exception:
        for name, value in kept.items():
            setattr(row, name, value)
        raise
    after = {"status": status, "reason": reason} | ({"txid": row.txid} if row.txid else {})
    record(VERBS[status], of=row, before={"status": before}, after=after)
