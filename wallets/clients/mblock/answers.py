"""MBlock's answers as values of ours. What doesn't fit is no answer."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from aeghash.core.crypto import Secret
from aeghash.core.errors import Invalid
from aeghash.core.money import Sign, parse_amount

ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
KEY: Final = re.compile(r"[!-~]{1,500}", re.ASCII)
PLACES: Final = 18


class NoAnswer(ValueError):
    """It was sent, and what came back isn't what the contract promises."""


@dataclass(frozen=True, slots=True)
class Receipt:
    sender: str
    receiver: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class IssuedWallet:
    address: str
    wallet_key: Secret


@dataclass(frozen=True, slots=True)
class StoredConfig:
    """Without the fee wallet's key: only whether there is one."""

    fee: str = ""
    delay: str = ""
    count: str = ""
    callback: Secret = field(default_factory=lambda: Secret(""))
    has_fee_wallet: bool = False


def parse_address(text: object) -> str:
    """In lower case: the mixed case of an address is a checksum and no part of it."""
    if isinstance(text, str) and ADDRESS.fullmatch(text.lower()):
        return text.lower()
    raise NoAnswer("address")


def balance_in(answer: dict[str, Any]) -> Decimal:
    return _amount(answer.get("amount"))


def receipt_in(answer: dict[str, Any]) -> Receipt:
    return Receipt(parse_address(answer.get("from")), parse_address(answer.get("to")), _amount(answer.get("amount")))


def issued_in(answer: dict[str, Any]) -> IssuedWallet:
    return IssuedWallet(parse_address(answer.get("address")), key_in(answer))


def key_in(answer: dict[str, Any]) -> Secret:
    key = answer.get("walletKey")
    if isinstance(key, str) and KEY.fullmatch(key):
        return Secret(key)
    raise NoAnswer("walletKey")


def config_in(answer: dict[str, Any]) -> StoredConfig:
    config = answer.get("config")
    if not isinstance(config, dict):
        raise NoAnswer("config")
    numbers = {name: str(config[name]) for name in ("fee", "delay", "count") if name in config}
    callback = config.get("callback")
    return StoredConfig(
        **numbers,
        callback=Secret(callback if isinstance(callback, str) else ""),
        has_fee_wallet=bool(config.get("feeWalletKey")),
    )


def _amount(text: object) -> Decimal:
    try:
        return parse_amount(text, places=PLACES, sign=Sign.NOT_NEGATIVE)
    except Invalid:
        pass
    raise NoAnswer("amount")
