"""Two people settle what the machine can't: with a txid that the receipt confirms, or the word that nothing was sent."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.operations.propose import propose
from aeghash.core.payouts import Settled
from wallets.clients.mblock.evidence import evidence_of, is_ours, receipt_of
from wallets.clients.mblock.meaning import ID
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.check_transaction import complete, found
from wallets.operations.walk_transaction import locked, walk

S = TransactionStatus


class NotInReview(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _("This transfer is %(status)s: there is nothing to settle.")


class ReceiptDiffers(Refusal):
    code: ClassVar[str] = "receipt_differs"
    sentence: ClassVar[str | Promise] = _(
        "No receipt of this txid shows this transfer: sender, receiver and amount must be ours, and no other transfer's."
    )


def propose_as_sent(*, transaction_id: int, txid: str, reason: str, by: User) -> Proposal:
    """In no transaction: the receipt is read now, and refused at once if it isn't ours. A receipt never changes."""
    row = _in_review(transaction_id)
    txid = txid.strip().lower()
    if not ID.fullmatch(txid):
        raise Invalid(field="txid", reason=_("is not a transaction's hash."), reason_code="not_a_txid")
    receipt = receipt_of(row, txid)
    used = WalletTransaction.objects.filter(txid=txid).exclude(pk=row.pk).exists()
    if receipt is None or not is_ours(receipt, row) or used:
        raise ReceiptDiffers
    content = {"transaction": row.pk, "txid": txid, "evidence": dict(evidence_of(receipt))}
    return propose(act=RESOLVE_AS_SENT, content=content, by=by, reason=reason)


def propose_as_not_sent(*, transaction_id: int, reason: str, by: User) -> Proposal:
    row = _in_review(transaction_id)
    return propose(act=RESOLVE_AS_NOT_SENT, content={"transaction": row.pk}, by=by, reason=reason)


def _in_review(transaction_id: int) -> WalletTransaction:
    row = WalletTransaction.objects.select_related("wallet", "asset").filter(pk=transaction_id).first()
    if row is None:
        raise NotFound
    _check(row)
    return row


def _check(row: WalletTransaction) -> None:
    if row.status != S.MANUAL_REVIEW:
        raise NotInReview(status=row.get_status_display())


def _settle_as_sent(content: Content) -> str:
    row = locked(content["transaction"])
    _check(row)
    complete(row, Settled(content["txid"], content["evidence"]))
    if row.status != S.COMPLETED:
        raise ReceiptDiffers  # another transfer has taken that txid since
    return str(row.status)


def _settle_as_not_sent(content: Content) -> str:
    row = locked(content["transaction"])
    _check(row)
    walk(row, S.FAILED, reason="two people: not sent")
    return str(row.status)


def _described(content: Content) -> Mapping[Any, Any]:
    row = found(content["transaction"])
    shown = {
        _("Token transfer"): f"#{row.pk}",
        _("From wallet"): row.wallet.address,
        _("To"): row.to_address,
        _("Amount"): f"{row.amount:f} {row.asset_id}",
        _("Last answer"): row.reason,
        _("Balances before"): row.mark,
        _("Balances then"): row.evidence.get("balances_now", "–"),
    }
    return shown | ({"txid": content["txid"]} if "txid" in content else {})


def _seen(content: Content) -> Mapping[str, Any]:
    row = found(content["transaction"])
    return {"status": row.status, "reason": row.reason, "attempts": row.attempts}


RESOLVE_AS_SENT = declare(
    Act(
        kind="wallets.resolve_as_sent",
        label=_("Settle a token transfer as sent"),
        may_propose=rights.RESOLVE_WITHDRAWALS,
        may_approve=rights.RESOLVE_WITHDRAWALS,
        execute=_settle_as_sent,
        describe=_described,
        seen=_seen,
    )
)
RESOLVE_AS_NOT_SENT = declare(
    Act(
        kind="wallets.resolve_as_not_sent",
        label=_("Settle a token transfer as not sent"),
        may_propose=rights.RESOLVE_WITHDRAWALS,
        may_approve=rights.RESOLVE_WITHDRAWALS,
        execute=_settle_as_not_sent,
        describe=_described,
        seen=_seen,
    )
)
