"""What the chain shows of a transfer: read through MBlock, held against what is ours. In no transaction, and no change."""

from decimal import Decimal
from typing import Final

from aeghash.core import clock
from aeghash.core.payouts import Ambiguous, Evidence, Finding, NothingYet, Settled
from wallets.clients.mblock import client
from wallets.clients.mblock.answers import Receipt
from wallets.clients.mblock.client import MBlockRefused, MBlockUnavailable
from wallets.models import TransactionKind, TransactionStatus, WalletCallback, WalletTransaction

MOST_HINTS: Final = 20
UNREADABLE: Final = (MBlockRefused, MBlockUnavailable)


def balances_of(row: WalletTransaction) -> dict[str, str]:
    """Of both ends, in the asset that moves. Raises what the client raises."""
    contract = row.asset.contract
    sender = client.balance_of(address=row.wallet.address, contract=contract)
    receiver = client.balance_of(address=row.to_address, contract=contract)
    return {"sender": f"{sender:f}", "receiver": f"{receiver:f}"}


def is_short_of_money(row: WalletTransaction) -> bool:
    """Only if nothing has left since the mark, and what is there is too little: of the token, or of BNB for the gas."""
    try:
        now = balances_of(row)
        gas = client.balance_of(address=row.wallet.address, contract=None)
    except UNREADABLE:
        return False
    if now["sender"] != row.mark["sender"]:
        return False
    return Decimal(now["sender"]) < row.amount or (gas == 0 and row.kind == TransactionKind.TRANSFER)


def finding_of(row: WalletTransaction) -> Finding:
    """Settled by a receipt that is ours in every particular; ambiguous once its time is over."""
    for txid in _candidates(row):
        receipt = receipt_of(row, txid)
        if receipt is not None and is_ours(receipt, row) and not _is_used(txid, row):
            return Settled(txid, evidence_of(receipt))
    if row.look_until is not None and clock.now() >= row.look_until:
        return Ambiguous("no_proof_in_time", weighed(row))
    return NothingYet("no_receipt")


def receipt_of(row: WalletTransaction, txid: str) -> Receipt | None:
    try:
        return client.receipt_by_hash(contract=row.asset.contract, txid=txid)
    except UNREADABLE:
        return None


def is_ours(receipt: Receipt, row: WalletTransaction) -> bool:
    """The receipt shows neither contract nor time; that its txid is used once is the database's part."""
    return (receipt.sender, receipt.receiver, receipt.amount) == (row.wallet.address, row.to_address, row.amount)


def evidence_of(receipt: Receipt) -> Evidence:
    return {"receipt": {"from": receipt.sender, "to": receipt.receiver, "amount": f"{receipt.amount:f}"}}


def weighed(row: WalletTransaction) -> Evidence:
    """Both balances before and now: what people start from, and no proof of anything."""
    try:
        now = balances_of(row)
    except UNREADABLE:
        return {"balances_before": row.mark}
    return {"balances_before": row.mark, "balances_now": now}


def _candidates(row: WalletTransaction) -> list[str]:
    """The txid we were given; for a transit what callbacks have claimed, which anybody may have sent."""
    if row.txid:
        return [row.txid]
    if row.status in (TransactionStatus.PENDING_TRANSIT, TransactionStatus.MANUAL_REVIEW) and row.token:
        hints = WalletCallback.objects.filter(token=row.token).exclude(txid="").order_by("-succeeded", "id")
        return list(dict.fromkeys(hints.values_list("txid", flat=True)[:MOST_HINTS]))
    return []


def _is_used(txid: str, row: WalletTransaction) -> bool:
    return WalletTransaction.objects.filter(txid=txid).exclude(pk=row.pk).exists()
