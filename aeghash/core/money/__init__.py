"""Amounts: Decimal everywhere, float nowhere."""

from aeghash.core.money.allocation import allocate
from aeghash.core.money.amounts import (
    MOST_DIGITS,
    MOST_PLACES,
    Sign,
    format_amount,
    format_for_staff,
    make_arithmetic_exact,
    parse_amount,
    parse_json_amount,
    round_down,
)
from aeghash.core.money.fields import MoneyField

__all__ = [
    "MOST_DIGITS",
    "MOST_PLACES",
    "MoneyField",
    "Sign",
    "allocate",
    "format_amount",
    "format_for_staff",
    "make_arithmetic_exact",
    "parse_amount",
    "parse_json_amount",
    "round_down",
]
