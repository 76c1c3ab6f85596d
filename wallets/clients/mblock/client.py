"""The seven methods of MBlock's wallet API. Those that move or change something go out at most once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar

import structlog
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import egress
from aeghash.core.crypto import Secret
from aeghash.core.errors import Refusal
from aeghash.core.money import format_amount
from aeghash.core.transactions import must_have_none
from wallets.clients.mblock import answers
from wallets.clients.mblock.answers import IssuedWallet, NoAnswer, Receipt, StoredConfig

# It waits ten seconds itself for a transfer's receipt before it says that it hasn't seen one.
DEADLINE: Final = 20.0
READ_DEADLINE: Final = 5.0

CameBack = object
"""A parsed answer, or the exception that stands for one: `meaning_of` says what it means."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class MBlockUnavailable(Refusal):
    """Nothing was learnt: not reached, or no answer of the contract's."""

    code: ClassVar[str] = "mblock_unavailable"
    status: ClassVar[int] = 503
    sentence: ClassVar[str | Promise] = _("MBlock can't be reached, or its answer can't be understood (%(reason)s).")


class MBlockRefused(Refusal):
    code: ClassVar[str] = "mblock_refused"
    sentence: ClassVar[str | Promise] = _("MBlock refuses: %(message)s")


# Reading


def balance_of(*, address: str, contract: str | None, deadline: float = READ_DEADLINE) -> Decimal:
    arguments: dict[str, Any] = {"address": address} | ({"contract": contract} if contract else {})
    return _read("balanceOf", answers.balance_in, deadline=deadline, **arguments)


def receipt_by_hash(*, contract: str | None, txid: str) -> Receipt:
    return _read("receiptByHash", answers.receipt_in, contract=contract, txid=txid)


def transit_config() -> StoredConfig:
    return _read("transitConfig", answers.config_in)


# Changing: what came back is for the caller to weigh


def request_wallet() -> IssuedWallet:
    """A lost answer leaves a wallet at MBlock that nobody will ever use: no harm, so it is a refusal like others."""
    return _understood("requestWallet", _post("requestWallet"), answers.issued_in)


def refresh_wallet(*, wallet_key: Secret) -> CameBack:
    return _post("refreshWallet", walletKey=wallet_key.reveal())


def store_transit_config(config: dict[str, Any]) -> StoredConfig:
    """Replaces what is stored; `{}` resets it. Done twice it is the same, so it is no harm to do it again."""
    return _understood("transitConfig", _post("transitConfig", config=config), answers.config_in)


def transfer_by_wallet_key(*, wallet_key: Secret, contract: str | None, to: str, amount: Decimal) -> CameBack:
    return _post(
        "transferByWalletKey", walletKey=wallet_key.reveal(), contract=contract, to=to, amount=format_amount(amount, 0)
    )


def transit_by_wallet_key(
    *, wallet_key: Secret, contract: str, to: str, amount: Decimal, config: dict[str, Any]
) -> CameBack:
    return _post(
        "transitByWalletKey",
        walletKey=wallet_key.reveal(),
        contract=contract,
        to=to,
        amount=format_amount(amount, 0),
        config=config,
    )


@must_have_none()
def _post(method: str, **arguments: Any) -> CameBack:
    try:
        return egress.post_once(_call(method, arguments, DEADLINE)).json
    except egress.EgressFailure as failure:
        return failure


@must_have_none()
def _read(method: str, take: Callable[[dict[str, Any]], T], *, deadline: float = READ_DEADLINE, **arguments: Any) -> T:
    try:
        came_back: CameBack = egress.read(_call(method, arguments, deadline)).json
    except egress.EgressFailure as failure:
        came_back = failure
    return _understood(method, came_back, take)


def _call(method: str, arguments: dict[str, Any], deadline: float) -> egress.Call:
    return egress.Call(
        purpose=f"mblock.{method}",
        url=settings.MBLOCK_API_BASE_URL,
        json={"method": method, **arguments},
        headers={"X-MBLOCK-Key": settings.MBLOCK_API_KEY},
        deadline=deadline,
    )


def _understood(method: str, came_back: CameBack, take: Callable[[dict[str, Any]], T]) -> T:
    """For answers that no money hangs on."""
    if isinstance(came_back, egress.EgressFailure):
        raise MBlockUnavailable(reason=str(came_back.reason))
    if isinstance(came_back, dict) and came_back.get("result") is True:
        try:
            return take(came_back)
        except NoAnswer as problem:
            raise MBlockUnavailable(reason=str(problem)) from None
    if isinstance(came_back, dict) and came_back.get("result") is False and isinstance(came_back.get("message"), str):
        log.info("mblock.refused", method=method, message=came_back["message"][:200])
        raise MBlockRefused(message=came_back["message"][:200])
    raise MBlockUnavailable(reason="not_an_answer")
