"""The demo's wallets at MBlock's sandbox: some transfers, a transit that came to nothing, a key that was refreshed."""

from decimal import Decimal
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction

from aeghash.core.actors import acting_as, command
from aeghash.core.crypto import Secret
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.sandbox.mblock import PAYOUT_WALLETS
from wallets.clients.mblock import client
from wallets.models import Asset, CryptoWallet, TransactionKind
from wallets.operations.issue_wallet import has_wallet, issue_wallet
from wallets.operations.queue_transaction import queue_transaction
from wallets.operations.refresh_wallet_key import refresh_wallet_key
from wallets.operations.register_wallet import register_wallet
from wallets.operations.set_transit_config import set_transit_config
from wallets.operations.watch_api_key import watch_api_key

OPERATING: Final = "운영 지갑"
SETTLING: Final = "정산 지갑"
MEMBERS: Final = 4
AMOUNTS: Final = ("120", "75.5", "310.25", "48")

log = structlog.get_logger(__name__)


def seed_wallets() -> list[str]:
    """Makes what is missing. Only at the sandbox: its payout wallets are known to everybody, and hold nothing real."""
    if not _is_sandbox():
        return []
    with acting_as(command("seed_demo")):
        try:
            _seed()
        except Refusal as refusal:  # the sandbox doesn't answer; the rest of the demo doesn't hang on it
            log.warning("demo.wallets_left_out", reason=str(refusal))
            return []
    return ["wallets: two payout wallets and a few of members' at MBlock's sandbox"]


def _is_sandbox() -> bool:
    known = {wallet.address for wallet in PAYOUT_WALLETS}
    is_ours = settings.MBLOCK_API_BASE_URL.startswith(("http://127.0.0.1:", "http://localhost:"))
    return is_ours and known == {address.lower() for address in settings.MBLOCK_PAYOUT_WALLETS}


def _seed() -> None:
    if CryptoWallet.objects.filter(label=OPERATING).exists():
        return
    client.transit_config()  # before anything is written: is it there at all?
    for known in PAYOUT_WALLETS:
        register_wallet(address=known.address, wallet_key=Secret(known.key), label=known.name or "")
    wallets = [issue_wallet(user=user) for user in _members()]
    wallets.append(issue_wallet(user=None, label=SETTLING))
    watch_api_key()
    set_transit_config(fee=None, delay=5, count=10)
    refresh_wallet_key(wallet_id=wallets[-1].pk)
    _move(wallets)
    issue_wallet(user=None, label=OPERATING)  # last: it says that all of this is done


def _members() -> list[User]:
    members = User.objects.exclude(uid=None).order_by("pk")[: MEMBERS * 2]
    return [user for user in members if not has_wallet(user)][:MEMBERS]


@transaction.atomic
def _move(wallets: list[CryptoWallet]) -> None:
    """To the members from the two payout wallets in turn; and a transit out of a wallet that is empty, which MBlock refuses.
    The jobs do them once the workers run.
    """
    payers = list(CryptoWallet.objects.filter(address__in=settings.MBLOCK_PAYOUT_WALLETS).order_by("address"))
    for number, amount in enumerate(AMOUNTS):
        payer, target = payers[number % len(payers)], wallets[number % len(wallets)]
        _queue(f"demo:transfer:{number}", TransactionKind.TRANSFER, payer, target.address, amount)
    _queue("demo:transit", TransactionKind.TRANSIT, wallets[-1], payers[0].address, "5000000")


def _queue(reference: str, kind: TransactionKind, payer: CryptoWallet, to: str, amount: str) -> None:
    queue_transaction(
        kind=kind,
        wallet=payer,
        asset=Asset.objects.get(pk="USDT"),
        to_address=to,
        amount=Decimal(amount),
        reference=reference,
    )
