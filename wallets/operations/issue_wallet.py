from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.record import record
from aeghash.core.transactions import must_have_none
from wallets.clients.mblock import client
from wallets.models import CryptoWallet, WalletState


class WalletExists(Refusal):
    code: ClassVar[str] = "wallet_exists"
    sentence: ClassVar[str | Promise] = _("This member has a wallet already.")


@must_have_none()
def issue_wallet(*, user: User | None, label: str = "") -> CryptoWallet:
    """A new address at MBlock, of a member or, without one, of the company.

    Refuses a second one for a member (`wallet_exists`), and when MBlock gives none; then there may be one at MBlock that
    nobody knows, and that holds nothing.
    """
    if has_wallet(user):
        raise WalletExists
    issued = client.request_wallet()
    checkpoint("wallets: issued")
    try:
        with transaction.atomic():
            wallet = CryptoWallet.objects.create(
                user=user, label=label, address=issued.address, wallet_key=issued.wallet_key
            )
            record("crypto_wallet.issued", of=wallet, after={"address": wallet.address, "user": user and user.pk})
    except IntegrityError as error:
        raise WalletExists from error
    return wallet


def has_wallet(user: User | None) -> bool:
    return user is not None and CryptoWallet.objects.filter(user=user).exclude(state=WalletState.FROZEN).exists()
