"""What a call came to, written down: the second of the two committed states around it."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.logs import redacted_text
from aeghash.core.models import Severity
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.payouts import Accepted, NotSent, Outcome, Refused, Unknown
from aeghash.core.texts import storable
from wallets.models import TransactionKind, TransactionOrigin, TransactionStatus, TransitConfig, WalletTransaction
from wallets.operations.fail_transaction import fail_transaction
from wallets.operations.review_transaction import review_transaction
from wallets.operations.walk_transaction import locked, walk

S = TransactionStatus
MOST_ATTEMPTS: Final = 3
CHECK: Final = "wallets.check_transaction"
# MBlock answers with a txid once it has seen the receipt; a chain that stalls for longer is for people to look at.
RECEIPT_PATIENCE: Final = timedelta(minutes=15)
TRANSIT_GRACE: Final = timedelta(minutes=2)


@transaction.atomic
def settle_call(*, row: WalletTransaction, outcome: Outcome) -> WalletTransaction:
    """Of this very attempt: the number of attempts tells it from others. Comes even without the lease, since the answer
    to a call that was made is worth knowing at any time.
    """
    found = locked(row.pk)
    outcome = _without_secrets(outcome, row)
    if found.attempts == row.attempts and found.status == S.SUBMITTING:
        settle(found, outcome)
    elif found.attempts == row.attempts and found.status == S.MANUAL_REVIEW:
        _settle_late(found, outcome)
    elif isinstance(outcome, Accepted) and outcome.remote_id not in (found.txid, found.token):
        _tell_of_orphan(found, outcome)
    checkpoint("wallets: before the answer is stored")
    return found


def settle(row: WalletTransaction, outcome: Outcome) -> None:
    match outcome:
        case Accepted():
            _accept(row, outcome)
        case NotSent(reason) | Refused(reason, passing=True) if _may_try_again(row):
            walk(row, S.RETRYING, reason=reason)
        case NotSent(reason) | Refused(reason):
            fail_transaction(row, reason=reason)
        case Unknown(reason):
            review_transaction(row, reason=reason)


def _settle_late(row: WalletTransaction, outcome: Outcome) -> None:
    """The row was given up for unknown, and the answer has come after all."""
    if isinstance(outcome, Accepted):
        _accept(row, outcome)
    elif isinstance(outcome, NotSent):
        walk(row, S.FAILED, reason=outcome.reason)


def _may_try_again(row: WalletTransaction) -> bool:
    """A payout's owner tries again itself, with an attempt of its own."""
    return row.origin == TransactionOrigin.STAFF and row.attempts < MOST_ATTEMPTS


def _accept(row: WalletTransaction, outcome: Accepted) -> None:
    now = clock.now()
    try:
        if row.kind == TransactionKind.TRANSFER:
            walk(row, S.SUBMITTED, txid=outcome.remote_id, look_until=now + RECEIPT_PATIENCE)
            due = now
        else:
            config = TransitConfig.objects.get()
            patience = timedelta(seconds=config.delay * (config.count + 1)) + TRANSIT_GRACE
            walk(row, S.PENDING_TRANSIT, token=outcome.remote_id, look_until=now + patience)
            due = now  # its callback may have been quicker than we are
    except IntegrityError:  # another one of ours has this id: then it says nothing of this one
        if row.status == S.SUBMITTING:
            review_transaction(row, reason="id_used_before", claimed_id=outcome.remote_id)
        return
    enqueue(CHECK, key=f"{CHECK}:{row.pk}", due_at=due, transaction_id=row.pk)


def _tell_of_orphan(row: WalletTransaction, outcome: Accepted) -> None:
    raise_alert(
        key=f"wallets.orphan:{row.pk}",
        severity=Severity.CRITICAL,
        sentence=_("MBlock has accepted a token transfer that was settled otherwise before. Money may have moved."),
        transfer=row.pk,
        status=row.status,
        remote_id=outcome.remote_id,
    )


def _without_secrets(outcome: Outcome, row: WalletTransaction) -> Outcome:
    """What MBlock says may quote what it was sent."""
    if isinstance(outcome, Unknown):
        said = outcome.reason.replace(row.wallet.wallet_key.reveal(), "***")
        return Unknown(storable(redacted_text(said))[:200])
    return outcome
