"""Once a minute: nobody waits unseen, whatever died, was flushed, or was given up by hand."""

from datetime import timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Job, JobState, Severity
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from wallets.models import WAITING, CryptoWallet, TransactionStatus, WalletCallback, WalletState, WalletTransaction
from wallets.operations.check_transaction import LOOKED_AFTER
from wallets.operations.queue_transaction import SUBMIT
from wallets.operations.refresh_wallet_key import freeze_wallet
from wallets.operations.settle_call import CHECK
from wallets.operations.submit_transaction import give_up_call
from wallets.operations.walk_transaction import locked

S = TransactionStatus
TOO_LONG: Final = timedelta(minutes=15)
HINTS_KEPT: Final = timedelta(days=30)
OPEN_JOBS: Final = (JobState.QUEUED, JobState.RUNNING)
# Of a transfer in review whose remote has named it, the proof may still turn up.
PROVABLE: Final = Q(status__in=LOOKED_AFTER) | Q(status=S.MANUAL_REVIEW) & ~Q(txid=None, token=None)


def watch_wallets() -> None:
    """Each part in a transaction of its own: one that fails holds up no other's commit."""
    give_up_lost_calls()
    freeze_lost_wallets()
    wake_the_forgotten()
    tell_of_the_waiting()
    forget_old_hints()


def give_up_lost_calls() -> None:
    for pk in _keys(WalletTransaction.objects.filter(status=S.SUBMITTING, call_until__lte=clock.now())):
        with transaction.atomic():
            row = locked(pk)
            if row.status == S.SUBMITTING and row.call_until is not None and row.call_until <= clock.now():
                give_up_call(row)


def freeze_lost_wallets() -> None:
    now = clock.now()
    with transaction.atomic():
        lost = CryptoWallet.objects.filter(state=WalletState.REFRESHING, refresh_until__lte=now)
        for wallet in lost.select_for_update(skip_locked=True).order_by("pk"):
            freeze_wallet(wallet, reason="worker_lost")


def wake_the_forgotten() -> None:
    """Rows that no job will come to: its last attempt is over, or somebody gave it up."""
    _wake(SUBMIT, Q(status__in=WAITING))
    _wake(CHECK, PROVABLE)


def tell_of_the_waiting() -> None:
    waiting = WalletTransaction.objects.filter(
        Q(status__in=(*WAITING, S.MANUAL_REVIEW)), updated_at__lte=clock.now() - TOO_LONG
    )
    count = waiting.count()
    if count:
        with transaction.atomic():
            raise_alert(
                key="wallets.waiting",
                severity=Severity.WARNING,
                sentence=_("Token transfers wait for more than 15 minutes: in manual review, or for their wallet."),
                count=count,
                oldest=waiting.order_by("pk").values_list("pk", flat=True).first(),
            )


def forget_old_hints() -> None:
    WalletCallback.objects.filter(received_at__lt=clock.now() - HINTS_KEPT).delete()


def _wake(kind: str, which: Q) -> None:
    jobs = Job.objects.filter(kind=kind, state__in=OPEN_JOBS)
    awaited = set(jobs.values_list("arguments__transaction_id", flat=True))
    for pk in _keys(WalletTransaction.objects.filter(which)):
        if pk not in awaited:
            with transaction.atomic():
                enqueue(kind, key=f"{kind}:{pk}", transaction_id=pk)


def _keys(rows: "models.QuerySet[WalletTransaction]") -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
