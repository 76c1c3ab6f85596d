"""Moving tokens out of a wallet takes two people: transfers, transits, and a failed one asked for again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import ids, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from wallets.models import TransactionKind, TransactionOrigin, TransactionStatus, WalletTransaction
from wallets.operations.queue_transaction import (
    check_active,
    found_wallet,
    queue_transaction,
    sendable_amount,
    sendable_asset,
    target_address,
)


class NotRepeatable(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _(
        "Only a failed transfer that staff asked for can be asked for again, and once."
    )


def propose_transfer(*, wallet_id: str, asset: str, to: str, amount: str, reason: str, by: User) -> Proposal:
    return _proposed(TRANSFER_TOKENS, TransactionKind.TRANSFER, wallet_id, asset, to, amount, reason, by)


def propose_transit(*, wallet_id: str, asset: str, to: str, amount: str, reason: str, by: User) -> Proposal:
    return _proposed(TRANSIT_TOKENS, TransactionKind.TRANSIT, wallet_id, asset, to, amount, reason, by)


def propose_again(*, transaction_id: int, reason: str, by: User) -> Proposal:
    """The same transfer anew, in a row of its own: of the failed one nothing was sent."""
    failed = WalletTransaction.objects.select_related("wallet").filter(pk=transaction_id).first()
    if failed is None:
        raise NotFound
    check_repeatable(failed)
    content = {
        "wallet": str(failed.wallet_id),
        "asset": failed.asset_id,
        "to": failed.to_address,
        "amount": format_amount(failed.amount, 0),
        "retry_of": failed.pk,
        "reference": _fresh_reference(),
    }
    act = TRANSIT_TOKENS if failed.kind == TransactionKind.TRANSIT else TRANSFER_TOKENS
    return propose(act=act, content=content, by=by, reason=reason)


def check_repeatable(row: WalletTransaction) -> None:
    is_staffs = row.origin == TransactionOrigin.STAFF
    if not (is_staffs and row.status == TransactionStatus.FAILED) or hasattr(row, "retry"):
        raise NotRepeatable


def _proposed(
    act: Act, kind: TransactionKind, wallet_id: str, asset: str, to: str, amount: str, reason: str, by: User
) -> Proposal:
    wallet = found_wallet(wallet_id)
    check_active(wallet)
    sent = sendable_asset(asset, kind=kind)
    content = {
        "wallet": str(wallet.pk),
        "asset": sent.symbol,
        "to": target_address(to, wallet),
        "amount": format_amount(sendable_amount(amount, sent), 0),
        "retry_of": None,
        "reference": _fresh_reference(),
    }
    return propose(act=act, content=content, by=by, reason=reason)


def _fresh_reference() -> str:
    """In what is agreed to, so that the database itself refuses to do it twice."""
    return f"staff:{ids.request_id()}"


def _execute(kind: TransactionKind, content: Content) -> int:
    wallet, asset = found_wallet(content["wallet"]), sendable_asset(content["asset"], kind=kind)
    failed = None
    if content["retry_of"] is not None:
        failed = WalletTransaction.objects.select_for_update().get(pk=content["retry_of"])
        check_repeatable(failed)
    row = queue_transaction(
        kind=kind,
        wallet=wallet,
        asset=asset,
        to_address=target_address(content["to"], wallet),
        amount=sendable_amount(content["amount"], asset),
        reference=content["reference"],
        retry_of=failed,
    )
    return row.pk


def _seen(content: Content) -> Mapping[str, Any]:
    wallet = found_wallet(content["wallet"])
    return {"address": wallet.address, "state": wallet.state}


def _described(content: Content) -> Mapping[Any, Any]:
    wallet = found_wallet(content["wallet"])
    shown = {
        _("From wallet"): f"{wallet.label} {wallet.address}".strip(),
        _("To"): content["to"],
        _("Amount"): f"{content['amount']} {content['asset']}",
    }
    return shown | ({_("In place of"): f"#{content['retry_of']}"} if content["retry_of"] else {})


TRANSFER_TOKENS = declare(
    Act(
        kind="wallets.transfer",
        label=_("Transfer tokens"),
        may_propose=rights.TRANSFER_TOKENS,
        may_approve=rights.TRANSFER_TOKENS,
        execute=lambda content: _execute(TransactionKind.TRANSFER, content),
        describe=_described,
        seen=_seen,
    )
)
TRANSIT_TOKENS = declare(
    Act(
        kind="wallets.transit",
        label=_("Transit tokens, the gas paid by the fee wallet"),
        may_propose=rights.TRANSFER_TOKENS,
        may_approve=rights.TRANSFER_TOKENS,
        execute=lambda content: _execute(TransactionKind.TRANSIT, content),
        describe=_described,
        seen=_seen,
    )
)
