"""What MBlock, or anybody who knows the address, says of a transit."""

import hmac
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from aeghash.core import strict_json
from aeghash.core.checkpoints import checkpoint
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.texts import storable
from wallets.clients.mblock.meaning import ID
from wallets.models import TransactionStatus, WalletCallback, WalletTransaction
from wallets.operations.settle_call import CHECK

# Per token, and of tokens nobody knows: a callback may overtake the answer that brings its token, but a flood may not
# fill the disk.
MOST_OF_ONE: Final = 20
MOST_UNKNOWN: Final = 1000
LARGEST: Final = 4096
WAKEABLE: Final = (TransactionStatus.PENDING_TRANSIT, TransactionStatus.MANUAL_REVIEW)


def take_callback(*, secret: str, body: bytes) -> None:
    """Only keeps the hint and wakes the check: no state moves. What isn't a callback is dropped without a word, lest
    somebody learn from the answers.
    """
    claim = _claim_in(body) if _is_secret(secret) else None
    if claim is None:
        return
    with transaction.atomic():
        if _has_room(claim["token"]):
            WalletCallback.objects.bulk_create([WalletCallback(**claim)], ignore_conflicts=True)
        row = WalletTransaction.objects.filter(token=claim["token"], status__in=WAKEABLE).first()
        if row is not None:
            enqueue(CHECK, key=f"{CHECK}:{row.pk}", transaction_id=row.pk)
        checkpoint("wallets: callback before commit")


def _is_secret(given: str) -> bool:
    known = settings.MBLOCK_TRANSIT_CALLBACK_URL.rstrip("/").rpartition("/")[2]
    return bool(known) and hmac.compare_digest(given.encode(), known.encode())


def _claim_in(body: bytes) -> dict[str, Any] | None:
    if len(body) > LARGEST:
        return None
    try:
        said = strict_json.parse(body)
    except strict_json.BadJson:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("result"), bool) or not _is_id(said.get("token")):
        return None
    txid, message = said.get("txidToken"), said.get("message")
    return {
        "token": str(said["token"]).lower(),
        "txid": str(txid).lower() if _is_id(txid) else "",
        "succeeded": said["result"],
        "message": storable(message)[:200] if isinstance(message, str) else "",
    }


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(ID.fullmatch(value))


def _has_room(token: str) -> bool:
    ours = WalletTransaction.objects.filter(token=OuterRef("token"))
    if WalletTransaction.objects.filter(token=token).exists():
        return WalletCallback.objects.filter(token=token).count() < MOST_OF_ONE
    return WalletCallback.objects.filter(~Exists(ours))[:MOST_UNKNOWN].count() < MOST_UNKNOWN
