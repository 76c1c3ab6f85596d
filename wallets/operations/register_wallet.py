from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.crypto import Secret
from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from wallets.clients.mblock.answers import KEY, NoAnswer, parse_address
from wallets.models import CryptoWallet, WalletState


@transaction.atomic
def register_wallet(*, address: str, wallet_key: Secret, label: str = "") -> CryptoWallet:
    """A company's wallet that MBlock issued elsewhere; or, for one that is frozen, the key it answers to now, which lets
    it go on. Of one that is active nothing changes.
    """
    try:
        address = parse_address(address)
    except NoAnswer:
        raise Invalid(field="address", reason=_("is not an address on BNB chain.")) from None
    if not KEY.fullmatch(wallet_key.reveal()):
        raise Invalid(field="wallet_key", reason=_("is not a wallet key."))
    wallet = CryptoWallet.objects.select_for_update().filter(address=address).first()
    if wallet is None:
        wallet = CryptoWallet.objects.create(address=address, wallet_key=wallet_key, label=label)
        record("crypto_wallet.registered", of=wallet, after={"address": address, "state": wallet.state})
    elif wallet.state == WalletState.FROZEN:
        wallet.update(wallet_key=wallet_key, state=WalletState.ACTIVE, key_since=clock.now(), frozen_reason="")
        record("crypto_wallet.thawed", of=wallet, before={"state": "frozen"}, after={"state": "active"})
    return wallet
