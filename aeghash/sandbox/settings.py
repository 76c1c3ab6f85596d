"""What one may set on a model: how long its things take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from aeghash.sandbox.amounts import milliseconds
from aeghash.sandbox.refusals import Misuse

Seconds = int | Decimal


@dataclass(frozen=True)
class HashDamSettings:
    """Times in seconds; None: it happens only by hand."""

    listing_delay: Seconds = 0
    """How long after its making a withdrawal appears in the history."""
    withdrawal_time: Seconds | None = 30
    charge_time: Seconds | None = 60
    swap_time: Seconds | None = 60
    fee_on_top: bool = True
    """Whether the pool takes its fee besides the amount, or out of it."""

    def __post_init__(self) -> None:
        _check_seconds("listing_delay", self.listing_delay)
        for name in ("withdrawal_time", "charge_time", "swap_time"):
            if getattr(self, name) is not None:
                _check_seconds(name, getattr(self, name))
        if not isinstance(self.fee_on_top, bool):
            raise Misuse("fee_on_top must be true or false")


@dataclass(frozen=True)
class MBlockSettings:
    receipt_delay: Seconds = 0
    """How long after its sending a transaction has a receipt."""

    def __post_init__(self) -> None:
        _check_seconds("receipt_delay", self.receipt_delay)


S = TypeVar("S", HashDamSettings, MBlockSettings)


def changed(settings: S, changes: Mapping[str, Any]) -> S:
    unknown = set(changes) - set(settings.__dataclass_fields__)
    if unknown:
        raise Misuse(f"there are no settings {', '.join(sorted(unknown))}")
    return replace(settings, **changes)


def _check_seconds(name: str, value: object) -> None:
    if milliseconds(value) is None:
        raise Misuse(f"{name} must be a number of seconds")
