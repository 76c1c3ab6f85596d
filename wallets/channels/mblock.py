"""The payout channel: tokens to a member's address, out of the company's payout wallets, one call in flight for each.

By itself, whoever calls it: each payout is a row of `wallet_transactions`, watched and settled like any other. Its owner
tries again with an attempt of its own, so what was not sent is failed here at once.
"""

from typing import Final

from django.conf import settings
from django.db import IntegrityError, models, transaction

from aeghash.core import clock
from aeghash.core.operations.record import record
from aeghash.core.payouts import (
    Accepted,
    Ambiguous,
    Attempt,
    Evidence,
    Failed,
    Finding,
    Found,
    NothingYet,
    NotReady,
    NotSent,
    Outcome,
    Payment,
    Settled,
    Unknown,
)
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import must_have_none, needs_one
from wallets.clients.mblock import client
from wallets.clients.mblock.evidence import UNREADABLE, evidence_of, finding_of, is_ours, receipt_of
from wallets.models import (
    IN_FLIGHT,
    Asset,
    CryptoWallet,
    TransactionKind,
    TransactionOrigin,
    TransactionStatus,
    WalletState,
    WalletTransaction,
)
from wallets.operations.call_mblock import Overtaken, call_mblock
from wallets.operations.check_transaction import conclude
from wallets.operations.claim_transaction import CALL_TIME
from wallets.operations.queue_transaction import particulars
from wallets.operations.settle_call import settle_call
from wallets.operations.walk_transaction import locked, walk

S = TransactionStatus
PAYS_AS: Final = {"POINT": "USDT"}  # one to one


class MBlockChannel:
    """See `core.payouts.Channel`."""

    name = "mblock"

    @must_have_none()
    def prepare(self, payment: Payment) -> Evidence:
        """The mark names the wallet that shall pay: free, active, and holding enough. Those idle longest come first."""
        if kill_switch.is_on():
            raise NotReady("kill_switch")
        asset, reason = _asset_of(payment), "no_free_wallet"
        for wallet in _free_wallets():
            try:
                held = client.balance_of(address=wallet.address, contract=asset.contract)
            except UNREADABLE:
                raise NotReady("unreadable") from None
            if held >= payment.amount:
                return {"wallet": wallet.address, "held": f"{held:f}"}
            reason = "not_enough_money"
        raise NotReady(reason)

    @needs_one()
    def begin(self, attempt: Attempt) -> None:
        if kill_switch.is_on():
            raise NotReady("kill_switch")
        wallet = CryptoWallet.objects.select_for_update(no_key=True).get(address=attempt.mark["wallet"])
        if wallet.state != WalletState.ACTIVE:
            raise NotReady("wallet_not_active")
        try:
            with transaction.atomic():
                _written(attempt, wallet)
        except IntegrityError:  # busy since `prepare`, or this very attempt has begun before
            raise NotReady("wallet_busy") from None

    @must_have_none()
    def submit(self, attempt: Attempt) -> Outcome:
        """Asked again for the same attempt, it says what has become of it and calls nobody."""
        row = _row_of(attempt)
        if row.status != S.SUBMITTING:
            return _outcome_of(row)
        try:
            outcome = call_mblock(row)
        except Overtaken:
            return _outcome_of(_row_of(attempt))
        settled = settle_call(row=row, outcome=outcome)
        return outcome if settled.status == S.FAILED else _outcome_of(settled)

    @must_have_none()
    def look(self, attempt: Attempt, remote_id: str = "") -> Finding:
        row = _row_of(attempt)
        if row.is_final:
            return _final_of(row)
        if row.status == S.SUBMITTING:
            return NothingYet("calling")  # the watch gives it up once its time is over
        finding = _claimed(row, remote_id) if remote_id and not row.txid else finding_of(row)
        with transaction.atomic():
            row = conclude(row.pk, finding)
        if row.is_final:
            return _final_of(row)
        if row.status == S.MANUAL_REVIEW:
            return Ambiguous(row.reason, row.evidence)
        return Found(row.txid or "", {"status": row.status})

    @must_have_none()
    def prove(self, attempt: Attempt, remote_id: str) -> Finding:
        row = _row_of(attempt)
        return _final_of(row) if row.is_final else _claimed(row, remote_id)

    @needs_one()
    def abandon(self, attempt: Attempt) -> None:
        row = locked(_row_of(attempt).pk)
        if row.status == S.MANUAL_REVIEW:
            walk(row, S.FAILED, reason="two people: not sent")
        elif row.status != S.FAILED:
            raise NotReady("not_in_review")


def payout_wallets() -> "models.QuerySet[CryptoWallet]":
    addresses = [address.lower() for address in settings.MBLOCK_PAYOUT_WALLETS]
    return CryptoWallet.objects.filter(address__in=addresses, user=None)


def _free_wallets() -> "models.QuerySet[CryptoWallet]":
    busy = WalletTransaction.objects.filter(wallet=models.OuterRef("pk"), status__in=IN_FLIGHT)
    free = payout_wallets().filter(~models.Exists(busy), state=WalletState.ACTIVE)
    last = WalletTransaction.objects.filter(wallet=models.OuterRef("pk")).order_by("-id").values("id")[:1]
    return free.order_by(models.Subquery(last).asc(nulls_first=True), "address")


def _asset_of(payment: Payment) -> Asset:
    return Asset.objects.get(pk=PAYS_AS.get(payment.asset, payment.asset))


def _written(attempt: Attempt, wallet: CryptoWallet) -> None:
    payment = attempt.payment
    row = WalletTransaction.objects.create(
        kind=TransactionKind.TRANSFER,
        origin=TransactionOrigin.PAYOUT,
        status=S.SUBMITTING,
        wallet=wallet,
        asset=_asset_of(payment),
        to_address=payment.address.lower(),
        amount=payment.amount,
        reference=f"payout:{payment.reference}",
        attempts=1,
        call_until=clock.now() + CALL_TIME,
    )
    record("token_transfer.submitting", of=row, after=particulars(row))


def _row_of(attempt: Attempt) -> WalletTransaction:
    rows = WalletTransaction.objects.select_related("wallet", "asset")
    return rows.get(reference=f"payout:{attempt.payment.reference}")


def _outcome_of(row: WalletTransaction) -> Outcome:
    if row.status in (S.SUBMITTED, S.COMPLETED):
        return Accepted(row.txid or "")
    return NotSent(row.reason) if row.status == S.FAILED else Unknown(row.reason or "overtaken")


def _final_of(row: WalletTransaction) -> Finding:
    if row.status == S.COMPLETED:
        return Settled(row.txid or "", row.evidence)
    return Failed(row.txid or "", {"reason": row.reason})


def _claimed(row: WalletTransaction, txid: str) -> Finding:
    """A txid that people have given, held against its receipt."""
    receipt = receipt_of(row, txid.lower())
    is_anothers = WalletTransaction.objects.filter(txid=txid.lower()).exclude(pk=row.pk).exists()
    if receipt is not None and is_ours(receipt, row) and not is_anothers:
        return Settled(txid.lower(), evidence_of(receipt))
    return Ambiguous("receipt_differs")


CHANNEL: Final = MBlockChannel()
