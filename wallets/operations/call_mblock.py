"""The one call of one claimed attempt, between two committed states."""

from typing import Any, Final

from django.conf import settings

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.payouts import NotSent, Outcome
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import must_have_none
from wallets.clients.mblock import client, evidence
from wallets.clients.mblock.client import CameBack
from wallets.clients.mblock.meaning import hangs_on_balance, meaning_of
from wallets.models import TransactionKind, TransactionStatus, TransitConfig, WalletTransaction

ID_FIELDS: Final = {TransactionKind.TRANSFER: "txid", TransactionKind.TRANSIT: "token"}


class Overtaken(Exception):
    """The attempt is no longer ours: given up while we were paused, or called by somebody else. Nothing was sent here."""


@must_have_none()
def call_mblock(row: WalletTransaction) -> Outcome:
    """Reads the balances, commits them as the mark, and calls: once for each attempt, since a mark is set once.

    Never raises for what MBlock does; raises Overtaken.
    """
    try:
        row.mark = evidence.balances_of(row)
    except evidence.UNREADABLE:
        return NotSent("unreadable")  # without them nobody could weigh afterwards what became of it
    if kill_switch.is_on():
        return NotSent("kill_switch")
    _set_mark(row)
    checkpoint("wallets: before the call")
    came_back = _sent(row)
    checkpoint("wallets: answered")
    confirms = hangs_on_balance(came_back) and evidence.is_short_of_money(row)
    return meaning_of(came_back, id_field=ID_FIELDS[TransactionKind(row.kind)], balance_confirms=confirms)


def config_to_send() -> dict[str, Any]:
    """Every field, so that nothing depends on what is stored at MBlock, nor on who stored it."""
    ours = TransitConfig.objects.get()
    return {
        "fee": ours.fee if ours.fee is not None else settings.MBLOCK_TRANSIT_FEE,
        "feeWalletKey": settings.MBLOCK_TRANSIT_FEE_WALLET_KEY,
        "delay": ours.delay,
        "count": ours.count,
        "callback": settings.MBLOCK_TRANSIT_CALLBACK_URL,
    }


def _set_mark(row: WalletTransaction) -> None:
    """Committed right before the socket opens. A row without its mark is one that nobody has called for; whoever was
    paused since the claim finds the row given up, and sends nothing.
    """
    ours = WalletTransaction.objects.filter(
        pk=row.pk, status=TransactionStatus.SUBMITTING, attempts=row.attempts, mark={}
    )
    if not ours.filter(call_until__gt=clock.now()).update(mark=row.mark):
        raise Overtaken


def _sent(row: WalletTransaction) -> CameBack:
    key, contract = row.wallet.wallet_key, row.asset.contract
    if row.kind == TransactionKind.TRANSFER:
        return client.transfer_by_wallet_key(wallet_key=key, contract=contract, to=row.to_address, amount=row.amount)
    return client.transit_by_wallet_key(
        wallet_key=key, contract=contract or "", to=row.to_address, amount=row.amount, config=config_to_send()
    )
