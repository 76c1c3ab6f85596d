"""The job behind a queued transfer: claim, call, settle."""

from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import Lease, NoFurtherAttempts
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.payouts import NotSent
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.call_mblock import Overtaken, call_mblock
from wallets.operations.claim_transaction import Claim, claim_transaction
from wallets.operations.queue_transaction import SUBMIT
from wallets.operations.review_transaction import review_transaction
from wallets.operations.settle_call import settle, settle_call
from wallets.operations.walk_transaction import locked

S = TransactionStatus
PAUSE_WHEN_BUSY: Final = timedelta(seconds=5)


class NothingSent(Exception):
    """To the retry queue: it comes back by itself."""


def submit_transaction(*, lease: Lease, transaction_id: int) -> None:
    """At most one call for each attempt, whoever is killed where.

    Raises NothingSent for what is tried again, NoFurtherAttempts for what has failed: both stand in the retry queue.
    """
    with lease.transaction():
        row = locked(transaction_id)
        claim = _claimed(row)
    if claim is Claim.LATER:
        _come_back(lease, row)
        return
    checkpoint("wallets: claimed")
    if claim is Claim.TAKEN:
        try:
            outcome = call_mblock(row)
        except Overtaken:
            return
        row = settle_call(row=row, outcome=outcome)
        checkpoint("wallets: answer stored")
    _tell_the_queue(row)


def _claimed(row: WalletTransaction) -> Claim:
    if row.status != S.SUBMITTING:
        return claim_transaction(row)
    if row.call_until is not None and row.call_until > clock.now():
        return Claim.LATER  # another worker's, and it still has time
    give_up_call(row)
    return Claim.NOTHING_TO_DO


def give_up_call(row: WalletTransaction) -> None:
    """Whoever was to call is gone. Without a mark it never did, and never will; with one nobody knows how far it came, and
    there is no second call.
    """
    if row.mark:
        review_transaction(row, reason="worker_lost")
    else:
        settle(row, NotSent("worker_lost"))


def _come_back(lease: Lease, row: WalletTransaction) -> None:
    """Not a failed attempt: something else goes first."""
    with lease.last_transaction():
        enqueue(SUBMIT, key=f"{SUBMIT}:{row.pk}", due_at=clock.now() + PAUSE_WHEN_BUSY, transaction_id=row.pk)


def _tell_the_queue(row: WalletTransaction) -> None:
    if row.status == S.RETRYING:
        raise NothingSent(row.reason)
    if row.status == S.FAILED:
        raise NoFurtherAttempts(f"nothing was sent ({row.reason}); it can be asked for again under token transfers")
