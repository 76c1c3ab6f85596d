"""Amounts as text, in and out, and rounded.

Coming in, an amount is one canonical ASCII decimal string: whatever Python's Decimal would also take (`1_000`, `１`, `1e5`,
`NaN`, ` 1`) is refused. Going out it is plain decimal with all its places; `str()` would turn 0.0000001 into `1E-7`.
"""

import decimal
import re
from decimal import ROUND_DOWN, Context, Decimal
from enum import Enum, auto
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid

MOST_DIGITS: Final = 38
MOST_PLACES: Final = 18
TOO_LARGE: Final = 10 ** (MOST_DIGITS - MOST_PLACES)
LONGEST_TEXT: Final = 100
CANONICAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)

# Enough for a product of three amounts. Python's own 28 digits are fewer than a column has, and what is over is rounded
# half-even without a word: 0.999… (30 nines) times one becomes 1 before anybody could round it down.
PRECISION: Final = 120
EXACT: Final = Context(prec=PRECISION)


class Sign(Enum):
    """What an amount may be, seen from zero."""

    POSITIVE = auto()
    NOT_NEGATIVE = auto()
    ANY = auto()


def make_arithmetic_exact() -> None:
    """Gives this thread, and every thread started from now on, the precision that operators between amounts need."""
    decimal.DefaultContext.prec = PRECISION
    decimal.getcontext().prec = PRECISION


def parse_amount(text: object, *, places: int, field: str = "amount", sign: Sign = Sign.POSITIVE) -> Decimal:
    """The amount a caller wrote. Raises Invalid, naming the field, with a `reason_code` beside the sentence."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not CANONICAL.fullmatch(text):
        raise _not_a_decimal(field)
    amount = Decimal(text)
    if text.startswith("-") and not amount:
        raise _not_a_decimal(field)
    _check_size(amount, places=places, field=field)
    _check_sign(amount, sign=sign, field=field)
    return amount


def parse_json_amount(value: object, *, places: int, field: str = "amount", sign: Sign = Sign.POSITIVE) -> Decimal:
    """The same where a contract allows a JSON number too, if it is a whole one."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= TOO_LARGE:  # before `str()`, which refuses to write thousands of digits
            raise _too_large(field)
        value = str(value)
    return parse_amount(value, places=places, field=field, sign=sign)


def format_amount(amount: Decimal, places: int) -> str:
    """Plain decimal with `places` places; with more if the amount has more, for a display must not round silently."""
    return f"{_padded(amount, places):f}"


def format_for_staff(amount: Decimal, places: int) -> str:
    """The same with thousands separators."""
    return f"{_padded(amount, places):,f}"


def round_down(amount: Decimal, places: int) -> Decimal:
    """Cuts off what is beyond `places`, towards zero."""
    return amount.quantize(_unit(places), rounding=ROUND_DOWN, context=EXACT)


def without_trailing_zeros(amount: Decimal) -> Decimal:
    """As few places as the amount needs, and never an exponent above zero (100 stays 100, not 1E+2)."""
    shortest = amount.normalize(EXACT)
    return shortest.quantize(Decimal(1), context=EXACT) if _exponent(shortest) > 0 else shortest


def _padded(amount: Decimal, places: int) -> Decimal:
    if not amount.is_finite():
        raise ValueError("not a finite amount")
    shown = without_trailing_zeros(amount)
    padded = shown.quantize(_unit(max(places, -_exponent(shown))), context=EXACT)
    return abs(padded) if padded.is_zero() else padded


def _unit(places: int) -> Decimal:
    return Decimal((0, (1,), -places))


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int), "finite"
    return exponent


def _check_size(amount: Decimal, *, places: int, field: str) -> None:
    if -_exponent(amount) > places:
        sentence = format_lazy(_("has more than {places} decimal places."), places=places)
        raise _refused(field, "too_many_places", sentence)
    if abs(amount) >= TOO_LARGE:
        raise _too_large(field)


def _check_sign(amount: Decimal, *, sign: Sign, field: str) -> None:
    if sign is Sign.POSITIVE and amount <= 0:
        raise _refused(field, "not_positive", _("must be more than zero."))
    if sign is Sign.NOT_NEGATIVE and amount < 0:
        raise _refused(field, "negative", _("must not be negative."))


def _not_a_decimal(field: str) -> Invalid:
    return _refused(field, "not_a_decimal", _("is not a plain decimal number such as 12.5."))


def _too_large(field: str) -> Invalid:
    return _refused(field, "too_large", _("is too large."))


def _refused(field: str, code: str, sentence: str | Promise) -> Invalid:
    return Invalid(field=field, reason=sentence, reason_code=code)
