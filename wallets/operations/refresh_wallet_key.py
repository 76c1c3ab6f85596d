"""A new key for a wallet. The old one is dead the moment MBlock has heard of it, so a lost answer is a lost wallet."""

from datetime import timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.crypto import Secret
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.payouts import Accepted, NotSent, Refused
from aeghash.core.transactions import must_have_none, needs_one
from wallets.clients.mblock import client
from wallets.clients.mblock.answers import NoAnswer, key_in
from wallets.clients.mblock.client import CameBack
from wallets.clients.mblock.meaning import meaning_of
from wallets.models import IN_FLIGHT, CryptoWallet, WalletState
from wallets.operations.queue_transaction import check_active

CALL_TIME: Final = timedelta(seconds=60)


class WalletBusy(Refusal):
    code: ClassVar[str] = "wallet_busy"
    sentence: ClassVar[str | Promise] = _(
        "A transfer of this wallet is under way: its key must stay until that is over."
    )


class KeyNotRefreshed(Refusal):
    code: ClassVar[str] = "key_not_refreshed"
    sentence: ClassVar[str | Promise] = _("The key stays as it is: %(reason)s.")


class WalletLost(Refusal):
    code: ClassVar[str] = "wallet_frozen"
    sentence: ClassVar[str | Promise] = _(
        "MBlock's answer was lost, and the old key may be dead: the wallet is frozen."
    )


@must_have_none()
def refresh_wallet_key(*, wallet_id: UUID | str) -> CryptoWallet:
    """Commits that it is about to, calls once, and stores the new key.

    Refuses a wallet that isn't active, or has a transfer under way. `key_not_refreshed`: nothing was done.
    `wallet_frozen`: nobody knows whether the old key still works.
    """
    wallet = _begin(wallet_id)
    checkpoint("wallets: refresh begun")
    came_back = client.refresh_wallet(wallet_key=wallet.wallet_key)
    checkpoint("wallets: refresh answered")
    return _end(wallet, came_back)


@transaction.atomic
def _begin(wallet_id: UUID | str) -> CryptoWallet:
    wallet = CryptoWallet.objects.select_for_update().filter(pk=wallet_id).first()
    if wallet is None:
        raise NotFound
    check_active(wallet)
    if wallet.transactions.filter(status__in=IN_FLIGHT).exists():
        raise WalletBusy
    wallet.update(state=WalletState.REFRESHING, refresh_until=clock.now() + CALL_TIME)
    record("crypto_wallet.refresh_begun", of=wallet, before={"state": "active"}, after={"state": wallet.state})
    return wallet


def _end(wallet: CryptoWallet, came_back: CameBack) -> CryptoWallet:
    outcome = meaning_of(came_back, id_field="walletKey")
    new_key = _new_key(came_back, wallet.wallet_key) if isinstance(outcome, Accepted) else None
    with transaction.atomic():
        found = CryptoWallet.objects.select_for_update().get(pk=wallet.pk)
        if new_key is not None:
            _store(found, new_key)
        elif isinstance(outcome, NotSent | Refused) and found.state == WalletState.REFRESHING:
            found.update(state=WalletState.ACTIVE, refresh_until=None)
            record("crypto_wallet.refresh_refused", of=found, after={"state": found.state, "reason": outcome.reason})
        elif found.state == WalletState.REFRESHING:
            freeze_wallet(found, reason="answer_lost")
    if found.state == WalletState.FROZEN:
        raise WalletLost
    if new_key is None:
        raise KeyNotRefreshed(reason=getattr(outcome, "reason", ""))
    return found


def _new_key(came_back: CameBack, old: Secret) -> Secret | None:
    """Not the old one again: that would be an answer which says nothing."""
    try:
        new = key_in(came_back) if isinstance(came_back, dict) else None
    except NoAnswer:
        return None
    return None if new == old else new


def _store(wallet: CryptoWallet, new_key: Secret) -> None:
    """Even if the wallet was frozen while we waited: this is the key that was missing."""
    before = wallet.state
    wallet.update(
        wallet_key=new_key, state=WalletState.ACTIVE, refresh_until=None, key_since=clock.now(), frozen_reason=""
    )
    record("crypto_wallet.key_refreshed", of=wallet, before={"state": before}, after={"state": wallet.state})


@needs_one()
def freeze_wallet(wallet: CryptoWallet, *, reason: str) -> None:
    before = wallet.state
    wallet.update(state=WalletState.FROZEN, refresh_until=None, frozen_reason=reason)
    record("crypto_wallet.frozen", of=wallet, before={"state": before}, after={"state": wallet.state, "reason": reason})
    raise_alert(
        key=f"wallets.frozen:{wallet.pk}",
        severity=Severity.CRITICAL,
        sentence=_("A wallet is frozen: the answer to its key's refresh was lost. Ask MBlock for the key it has now."),
        wallet=wallet.address,
        reason=reason,
    )
