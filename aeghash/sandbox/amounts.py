"""Amounts: Decimal inside, canonical decimal strings outside, never rounded by accident."""

import re
from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

EXACT = Context(prec=80)
"""The default context keeps 28 digits, fewer than the sum of two large amounts of 18 places may need."""

MOST_SECONDS = 10**9
_DECIMAL_STRING = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,18}))?", re.ASCII)


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Let all arithmetic in `function` keep its digits, whatever the caller's decimal context is."""

    @wraps(function)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return within


def parse_amount(text: object, *, places: int) -> Decimal | None:
    """Return the amount of a plain decimal string, or None if it isn't one or has too many places."""
    match = _DECIMAL_STRING.fullmatch(text) if isinstance(text, str) else None
    if match is None or len(match[2] or "") > places:
        return None
    return Decimal(match[0])


def written(amount: Decimal) -> str:
    """Return the one decimal string of an amount: no exponent, no trailing zeros."""
    return format(amount.normalize(EXACT), "f") if amount else "0"


def milliseconds(seconds: object) -> int | None:
    """Return whole milliseconds, or None if `seconds` is no number of seconds from 0 on."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | Decimal):
        return None
    exactly = Decimal(str(seconds))
    return int(exactly * 1000) if exactly.is_finite() and 0 <= exactly <= MOST_SECONDS else None
