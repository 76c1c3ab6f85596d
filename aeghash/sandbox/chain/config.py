"""The config of transits: stored, overridden field by field, and complete before it is used."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aeghash.sandbox.amounts import milliseconds
from aeghash.sandbox.chain.transits import TransitConfig
from aeghash.sandbox.chain.wallets import Wallets
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Refused

WRONG = "Invalid Configuration"
MOST_FEE = 1000
MOST_CHECKS = 1000


def check_config(given: object) -> JsonObject:
    """Return the config if each of its fields makes sense; none has to be there."""
    if not isinstance(given, dict):
        raise Refused(WRONG)
    if not all(name in _CHECKS and _CHECKS[name](value) for name, value in given.items()):
        raise Refused(WRONG)
    return dict(given)


def complete_config(stored: JsonObject, given: object, wallets: Wallets) -> TransitConfig:
    merged = stored | ({} if given is None else check_config(given))
    if set(merged) != set(_CHECKS):
        raise Refused(WRONG)
    try:
        fee_wallet = wallets.of_key(merged["feeWalletKey"])
    except Refused as refused:
        raise Refused(WRONG) from refused
    return TransitConfig(
        fee=Decimal(merged["fee"]),
        fee_wallet=fee_wallet,
        delay_ms=milliseconds(merged["delay"]) or 0,
        count=merged["count"],
        callback=merged["callback"],
    )


def _is_fee(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 <= value <= MOST_FEE


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_delay(value: Any) -> bool:
    return milliseconds(value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_CHECKS


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


_CHECKS: Mapping[str, Any] = {
    "fee": _is_fee,
    "feeWalletKey": _is_text,
    "delay": _is_delay,
    "count": _is_count,
    "callback": _is_url,
}
