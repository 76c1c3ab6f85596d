"""Amounts as text: what is taken, what is refused with which reason, and that nothing is lost on the way."""

import decimal
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeghash.core import money
from aeghash.core.errors import Invalid
from aeghash.core.money import Sign

DIGITS = st.text("0123456789", min_size=1, max_size=20).map(lambda digits: digits.lstrip("0") or "0")
CANONICAL = st.builds(
    lambda sign, whole, fraction: f"{sign}{whole}{fraction}",
    st.sampled_from(["", "-"]),
    DIGITS,
    st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=18).map(lambda digits: f".{digits}")),
).filter(lambda text: not (text.startswith("-") and Decimal(text) == 0))
LONGEST = ("12345678901234567890.123456789012345678", "12,345,678,901,234,567,890.123456789012345678")
AMOUNTS = st.decimals(min_value=-(10**20) + 1, max_value=10**20 - 1, places=18, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-1", "not_positive"),
        ("0", "not_positive"),
        ("0.000000", "not_positive"),
        ("-0", "not_a_decimal"),
        ("-0.00", "not_a_decimal"),
        ("NaN", "not_a_decimal"),
        ("sNaN", "not_a_decimal"),
        ("Infinity", "not_a_decimal"),
        ("-Infinity", "not_a_decimal"),
        ("1e400", "not_a_decimal"),
        ("1e5", "not_a_decimal"),
        ("1E5", "not_a_decimal"),
        ("1_000", "not_a_decimal"),
        ("1,000", "not_a_decimal"),
        ("1.5.0", "not_a_decimal"),
        ("١٢٣", "not_a_decimal"),
        ("１", "not_a_decimal"),
        ("²", "not_a_decimal"),
        ("+1", "not_a_decimal"),
        ("01", "not_a_decimal"),
        ("1.", "not_a_decimal"),
        (".5", "not_a_decimal"),
        ("", "not_a_decimal"),
        (" 1", "not_a_decimal"),
        ("1\n", "not_a_decimal"),
        ("1\0", "not_a_decimal"),
        ("\u202e1", "not_a_decimal"),
        ("\ud800", "not_a_decimal"),
        ("0x10", "not_a_decimal"),
        ("=1+1", "not_a_decimal"),
        pytest.param("1" * 1_000_000, "not_a_decimal", id="a megabyte of digits"),
        pytest.param("1." + "0" * 1_000_000, "not_a_decimal", id="a megabyte of places"),
        ("1.0000000", "too_many_places"),
        ("0.0000001", "too_many_places"),
        ("1" * 40, "too_large"),
        ("1" + "0" * 20, "too_large"),
        (True, "not_a_decimal"),
        (False, "not_a_decimal"),
        ([], "not_a_decimal"),
        (["1"], "not_a_decimal"),
        ({}, "not_a_decimal"),
        (None, "not_a_decimal"),
        (1.0, "not_a_decimal"),
        (0.1, "not_a_decimal"),
        (float("nan"), "not_a_decimal"),
        (float("inf"), "not_a_decimal"),
        (Decimal(1), "not_a_decimal"),
        (b"1", "not_a_decimal"),
    ],
)
@pytest.mark.parametrize("parse", [money.parse_amount, money.parse_json_amount])
def test_a_bad_amount_is_refused_by_field_and_reason(parse: Any, value: object, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(value, places=6, field="total_amount")
    assert refusal.value.parameters["field"] == "total_amount"
    assert refusal.value.parameters["reason_code"] == reason
    assert str(refusal.value).startswith("total_amount: ")


@pytest.mark.parametrize(
    ("value", "reason"), [(0, "not_positive"), (-1, "not_positive"), pytest.param(10**5000, "too_large", id="huge")]
)
def test_a_bad_whole_number_is_refused(value: int, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        money.parse_json_amount(value, places=6)
    assert refusal.value.parameters["reason_code"] == reason


def test_a_json_number_is_taken_only_where_it_is_allowed_and_only_if_it_is_whole() -> None:
    assert money.parse_json_amount(1200, places=6) == 1200
    with pytest.raises(Invalid):
        money.parse_amount(1200, places=6)


def test_zero_and_negative_amounts_are_taken_only_where_they_mean_something() -> None:
    assert money.parse_amount("0", places=2, sign=Sign.NOT_NEGATIVE) == 0
    assert money.parse_amount("-1.50", places=2, sign=Sign.ANY) == Decimal("-1.5")
    with pytest.raises(Invalid) as refusal:
        money.parse_amount("-1", places=2, sign=Sign.NOT_NEGATIVE)
    assert refusal.value.parameters["reason_code"] == "negative"


def test_the_largest_and_the_smallest_amount_are_taken_exactly() -> None:
    for text in ("9" * 20 + "." + "9" * 18, "0." + "0" * 17 + "1"):
        assert money.format_amount(money.parse_amount(text, places=18), 18) == text


@given(CANONICAL)
def test_every_canonical_text_comes_back_as_it_was(text: str) -> None:
    amount = money.parse_amount(text, places=18, sign=Sign.ANY)
    places = len(text.partition(".")[2])
    assert money.format_amount(amount, places) == text


@given(st.one_of(st.text(max_size=30), st.text("0123456789.-+eE_ ", max_size=12)))
def test_whatever_text_comes_it_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = money.parse_amount(text, places=18, sign=Sign.ANY)
    except Invalid:
        return
    assert amount.is_finite()
    assert text.isascii()
    assert money.format_amount(amount, len(text.partition(".")[2])) == text


@given(AMOUNTS, st.integers(0, 18))
def test_what_is_formatted_is_canonical_and_loses_nothing(amount: Decimal, places: int) -> None:
    text = money.format_amount(amount, places)
    assert money.parse_amount(text, places=18, sign=Sign.ANY) == amount
    assert len(text.partition(".")[2]) >= places
    assert money.format_for_staff(amount, places).replace(",", "") == text


@given(AMOUNTS, st.integers(0, 17))
def test_rounding_down_goes_towards_zero_by_less_than_one_unit(amount: Decimal, places: int) -> None:
    rounded = money.round_down(amount, places)
    assert abs(rounded) <= abs(amount)
    assert abs(amount - rounded) < Decimal(1).scaleb(-places)
    assert len(money.format_amount(rounded, places).partition(".")[2]) == places


@pytest.mark.parametrize(
    ("amount", "places", "plain", "staff"),
    [
        ("1E+2", 2, "100.00", "100.00"),
        ("0E-18", 6, "0.000000", "0.000000"),
        ("-0.0", 0, "0", "0"),
        ("1E-7", 6, "0.0000001", "0.0000001"),
        ("1234567.5", 2, "1234567.50", "1,234,567.50"),
        ("-1234.567800", 2, "-1234.5678", "-1,234.5678"),
        ("12345678901234567890.123456789012345678", 0, *LONGEST),
    ],
)
def test_formatting_never_writes_an_exponent_nor_rounds(amount: str, places: int, plain: str, staff: str) -> None:
    assert money.format_amount(Decimal(amount), places) == plain
    assert money.format_for_staff(Decimal(amount), places) == staff


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_not_formatted(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        money.format_amount(Decimal(amount), 6)


def test_arithmetic_between_amounts_is_exact_in_every_thread() -> None:
    almost_one = Decimal("0." + "9" * 30)
    seen: list[Decimal] = []
    thread = threading.Thread(target=lambda: seen.append(money.round_down(almost_one * Decimal("1.0"), 18)))
    thread.start()
    thread.join()
    assert [money.round_down(almost_one * Decimal("1.0"), 18), *seen] == [Decimal("0." + "9" * 18)] * 2


def test_and_would_not_be_with_pythons_own_precision() -> None:
    """The negative control of the one above."""
    with decimal.localcontext(prec=28):
        product = Decimal("0." + "9" * 30) * Decimal("1.0")
    assert money.round_down(product, 18) == 1
