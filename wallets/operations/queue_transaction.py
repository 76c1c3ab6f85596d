"""A transfer or transit that two people want, written down for the job that submits it."""

from decimal import Decimal
from typing import ClassVar, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.money import parse_amount
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from wallets.clients.mblock.answers import NoAnswer, parse_address
from wallets.models import Asset, AssetKind, CryptoWallet, TransactionKind, WalletState, WalletTransaction

SUBMIT: Final = "wallets.submit_transaction"


class WalletNotActive(Refusal):
    code: ClassVar[str] = "wallet_not_active"
    sentence: ClassVar[str | Promise] = _("The wallet is %(state)s: nothing is paid from it.")


@needs_one()
def queue_transaction(
    *,
    kind: TransactionKind,
    wallet: CryptoWallet,
    asset: Asset,
    to_address: str,
    amount: Decimal,
    reference: str,
    retry_of: WalletTransaction | None = None,
) -> WalletTransaction:
    """The same reference again is the same transfer. Refuses a wallet that isn't active."""
    found = WalletTransaction.objects.filter(reference=reference).first()
    if found is not None:
        return found
    check_active(wallet)
    row = WalletTransaction.objects.create(
        kind=kind,
        wallet=wallet,
        asset=asset,
        to_address=to_address,
        amount=amount,
        reference=reference,
        retry_of=retry_of,
    )
    record("token_transfer.queued", of=row, after=particulars(row))
    enqueue(SUBMIT, key=f"{SUBMIT}:{row.pk}", transaction_id=row.pk)
    return row


def particulars(row: WalletTransaction) -> dict[str, object]:
    return {
        "kind": row.kind,
        "from_address": row.wallet.address,
        "to_address": row.to_address,
        "asset": row.asset_id,
        "amount": row.amount,
        "status": row.status,
    }


def check_active(wallet: CryptoWallet) -> None:
    if wallet.state != WalletState.ACTIVE:
        raise WalletNotActive(state=wallet.get_state_display())


def sendable_asset(symbol: str, *, kind: TransactionKind) -> Asset:
    """A token on the chain, or BNB itself; BNB can't be transited, since it pays its own gas."""
    asset = Asset.objects.filter(pk=symbol, kind=AssetKind.TOKEN).first()
    if asset is None or (kind == TransactionKind.TRANSIT and not asset.contract):
        raise Invalid(field="asset", reason=_("can't be sent this way."), reason_code="not_sendable")
    return asset


def sendable_amount(text: str, asset: Asset) -> Decimal:
    return parse_amount(text, places=asset.places)


def target_address(text: str, wallet: CryptoWallet) -> str:
    try:
        address = parse_address(text.strip())
    except NoAnswer:
        raise Invalid(field="to", reason=_("is not an address on BNB chain."), reason_code="not_an_address") from None
    if address == wallet.address:
        raise Invalid(field="to", reason=_("is the paying wallet itself."), reason_code="to_itself")
    return address


def found_wallet(wallet_id: str) -> CryptoWallet:
    wallet = CryptoWallet.objects.filter(pk=wallet_id).first()
    if wallet is None:
        raise NotFound
    return wallet
