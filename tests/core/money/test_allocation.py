"""Splitting by largest remainder: the parts are the total, each is right to one unit, and ties go to the smaller key."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeghash.core.money import allocate

PLACES = 6
UNIT = Decimal(1).scaleb(-PLACES)
TOTALS = st.integers(-(10**14), 10**14).map(lambda units: units * UNIT)
WEIGHTS = st.dictionaries(
    st.integers(1, 1000),
    st.one_of(st.integers(0, 5).map(Decimal), st.decimals(0, 10**12, places=12)),
    min_size=1,
    max_size=30,
).filter(lambda weights: any(weights.values()))


@given(TOTALS, WEIGHTS)
def test_the_parts_are_the_total(total: Decimal, weights: dict[int, Decimal]) -> None:
    parts = allocate(total, weights, places=PLACES)
    assert sum(parts.values()) == total
    assert parts.keys() == weights.keys()
    assert all(part == part.quantize(UNIT) for part in parts.values())


@given(TOTALS, WEIGHTS)
def test_each_part_is_less_than_one_unit_from_its_exact_share(total: Decimal, weights: dict[int, Decimal]) -> None:
    whole = sum(map(Fraction, weights.values()))
    for key, part in allocate(total, weights, places=PLACES).items():
        assert abs(Fraction(part) - Fraction(total) * Fraction(weights[key]) / whole) < Fraction(UNIT)


@given(TOTALS, WEIGHTS, st.randoms())
def test_the_order_in_which_the_weights_come_says_nothing(
    total: Decimal, weights: dict[int, Decimal], chance: Random
) -> None:
    shuffled = list(weights.items())
    chance.shuffle(shuffled)
    assert allocate(total, dict(shuffled), places=PLACES) == allocate(total, weights, places=PLACES)


@given(TOTALS, WEIGHTS)
def test_a_negative_total_is_the_mirror_of_the_positive_one(total: Decimal, weights: dict[int, Decimal]) -> None:
    mirrored = {key: -part for key, part in allocate(total, weights, places=PLACES).items()}
    assert allocate(-total, weights, places=PLACES) == mirrored


@given(TOTALS, WEIGHTS)
def test_a_larger_weight_never_gets_less(total: Decimal, weights: dict[int, Decimal]) -> None:
    parts = allocate(abs(total), weights, places=PLACES)
    in_order = sorted(weights, key=lambda key: weights[key])
    for lighter, heavier in pairwise(in_order):
        assert weights[lighter] == weights[heavier] or parts[lighter] <= parts[heavier]


def test_ties_go_to_the_smaller_key() -> None:
    assert allocate(Decimal("0.05"), {30: 1, 10: 1, 20: 1}, places=2) == {
        30: Decimal("0.01"),
        10: Decimal("0.02"),
        20: Decimal("0.02"),
    }


def test_a_weight_of_zero_gets_nothing() -> None:
    assert allocate(Decimal("0.01"), {1: 0, 2: 0, 3: 1}, places=2) == {1: 0, 2: 0, 3: Decimal("0.01")}


def test_nothing_is_split_among_nobody() -> None:
    assert allocate(Decimal(0), {}, places=2) == {}
    assert allocate(Decimal(0), {1: 0}, places=2) == {1: 0}


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        ("1", {}),
        ("1", {1: Decimal(0)}),
        ("0.001", {1: Decimal(1)}),
        ("NaN", {1: Decimal(1)}),
        ("Infinity", {1: Decimal(1)}),
        ("1", {1: Decimal(-1), 2: Decimal(2)}),
        ("1", {1: Decimal("NaN")}),
        ("1", {1: Decimal("Infinity")}),
    ],
)
def test_what_can_not_be_split_is_refused(total: str, weights: dict[int, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"nobody|places|weight"):
        allocate(Decimal(total), weights, places=2)


def test_the_largest_total_among_very_unequal_weights() -> None:
    total = Decimal("99999999999999999999.999999999999999999")
    parts = allocate(total, {1: Decimal("1E-18"), 2: Decimal(99999999999999999999)}, places=18)
    assert sum(parts.values()) == total
