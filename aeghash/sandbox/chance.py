"""Chance that can be had again: every draw depends on the seed and its purpose, never on what was drawn before."""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

SPAN = 2**64
PLACES = Decimal("0.000001")


class Chance:
    def __init__(self, seed: int) -> None:
        self.seed = seed

    def number(self, *purpose: str | int) -> int:
        """Return a whole number in [0, SPAN)."""
        return int.from_bytes(self._digest(purpose)[:8], "big")

    def happens(self, probability: Decimal, *purpose: str | int) -> bool:
        return self.number(*purpose) < probability * SPAN

    def between(self, low: Decimal, high: Decimal, *purpose: str | int) -> Decimal:
        """Return a decimal of six places between the two."""
        return (low + (high - low) * self.number(*purpose) / SPAN).quantize(PLACES)

    def hexadecimal(self, digits: int, *purpose: str | int) -> str:
        return self._digest(purpose).hex()[:digits]

    def shuffled(self, items: Sequence[T], *purpose: str | int) -> list[T]:
        order = sorted(range(len(items)), key=lambda index: self.number(*purpose, index))
        return [items[index] for index in order]

    def _digest(self, purpose: tuple[str | int, ...]) -> bytes:
        text = "\x1f".join(str(part) for part in (self.seed, *purpose))
        return blake2b(text.encode(errors="backslashreplace")).digest()
