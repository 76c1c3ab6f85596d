"""Splitting a sum so that its parts add up to it again."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

from aeghash.core.money.amounts import EXACT, round_down

Key = TypeVar("Key", bound=Any)


def allocate(total: Decimal, weights: Mapping[Key, Decimal | int], *, places: int) -> dict[Key, Decimal]:
    """Each key's part of `total` by its weight, in whole units of `places`, by largest remainder.

    The parts sum to `total` exactly. Equal remainders go to the smaller key first, so the result doesn't depend on the
    order in which the weights come. A weight of zero gets nothing; a negative total is split like the positive one.
    Raises ValueError for a total of more than `places`, a weight that is negative or not finite, and a total for nobody.
    """
    units = _in_units(total, places)
    shares = _whole(weights)
    if not sum(shares.values()):
        if units:
            raise ValueError("there is nobody to allocate to")
        return dict.fromkeys(weights, Decimal(0))
    parts = _split(abs(units), shares)
    unit = Decimal((0 if units >= 0 else 1, (1,), -places))
    return {key: EXACT.multiply(Decimal(parts[key]), unit) if parts[key] else Decimal(0) for key in weights}


def _in_units(total: Decimal, places: int) -> int:
    if not total.is_finite() or round_down(total, places) != total:
        raise ValueError(f"the total is not an amount of {places} places")
    return int(total.scaleb(places, context=EXACT))


def _whole(weights: Mapping[Key, Decimal | int]) -> dict[Key, int]:
    """Weights as whole numbers of the same proportions: integers divide without any rounding."""
    if not all(Decimal(weight).is_finite() and weight >= 0 for weight in weights.values()):
        raise ValueError("a weight is negative or not finite")
    fractions = {key: Fraction(weight) for key, weight in weights.items()}
    denominator = lcm(*(fraction.denominator for fraction in fractions.values()))
    return {key: int(fraction * denominator) for key, fraction in fractions.items()}


def _split(units: int, shares: dict[Key, int]) -> dict[Key, int]:
    whole = sum(shares.values())
    parts = {key: units * share // whole for key, share in shares.items()}
    left = units - sum(parts.values())
    by_remainder = sorted(shares, key=lambda key: (-(units * shares[key] % whole), key))
    for key in by_remainder[:left]:
        parts[key] += 1
    return parts
