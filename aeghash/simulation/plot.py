"""What is attempted in a run: who asks for what, and when. Drawn from the seed, act by act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aeghash.sandbox.chance import Chance
from aeghash.simulation.furniture import MEMBERS, address_of

T = TypeVar("T")

CURTAIN: Final = 200.0  # the world's seconds within which everything begins
COINS: Final = {"LTC": ("1.5", "2", "2.25"), "DOGE": ("20", "35"), "USDT": ("25", "40"), "POINT": ("30", "45")}
# How many of each a run may have, each number as likely as another.
MOST: Final = {
    "withdrawal": (1, 2, 3, 4),
    "order": (0, 1, 2),
    "refund": (0, 0, 1),
    "cancellation": (0, 0, 1),
    "transit": (0, 1),
    "closing": (0, 0, 1),
    "kill switch": (0, 0, 0, 1),
    "lost right": (0, 1),
    "theft": (0, 0, 0, 0, 1),
    "forgery": (0, 0, 0, 1),
}


@dataclass(frozen=True)
class Act:
    kind: str
    number: int
    at: float
    details: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.kind} {self.number}"


def plot_of(chance: Chance) -> list[Act]:
    return [
        _act(chance, kind, number)
        for kind, counts in MOST.items()
        for number in range(1, 1 + one_of(chance, counts, "how many", kind))
    ]


def one_of(chance: Chance, things: Sequence[T], *purpose: str | int) -> T:
    return things[chance.number(*purpose) % len(things)]


def _act(chance: Chance, kind: str, number: int) -> Act:
    at = chance.number("when", kind, number) % int(CURTAIN * 1000) / 1000
    member = one_of(chance, MEMBERS, "who", kind, number)
    details: dict[str, Any] = {"member": member, "twice": chance.number("twice", kind, number) % 4 == 0}
    if kind == "withdrawal":
        asset = one_of(chance, sorted(COINS), "asset", number)
        # Of few amounts, so that two requests often look the same to the remote.
        details |= {"asset": asset, "amount": one_of(chance, COINS[asset], "amount", number)}
        to_address = asset in ("USDT", "POINT") or chance.number("forwarded", number) % 3 == 0
        details |= {"address": address_of(member)} if to_address and asset != "DOGE" else {}
    if kind == "transit":
        details |= {"amount": one_of(chance, ("11", "17"), "amount of a transit", number)}
    if kind == "theft":
        details |= {"asset": one_of(chance, ("LTC", "DOGE"), "theft", number), "amount": "7"}
    return Act(kind, number, at, details)
