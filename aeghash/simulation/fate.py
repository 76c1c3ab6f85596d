"""What goes wrong, and when: drawn from the seed for each point by name, so that taking one misfortune away leaves the
others where they were.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from aeghash.sandbox.chance import Chance
from aeghash.simulation.actor import Order

if TYPE_CHECKING:
    from aeghash.simulation.actor import Actor

# How often each may strike, of all the points where it can. A seed takes one of the three, or none at all.
RATES: Final[dict[str, tuple[str, ...]]] = {
    "death": ("0.004", "0.015", "0.05"),
    "pause": ("0.004", "0.015", "0.04"),
    "answer of a commit lost": ("0.01", "0.04", "0.10"),
    "connection lost in a commit": ("0.01", "0.04", "0.10"),
    "remote unreached": ("0.05", "0.15", "0.40"),
    "message lost": ("0.1", "0.5", "1"),
    "message twice": ("0.1", "0.5", "1"),
    "message late": ("0.1", "0.3", "0.6"),
    "remote's fault": ("0.05", "0.15", "0.40"),
}
CALM: Final = 3  # of so many seeds about one knows a misfortune, each by itself
AT_ANY_POINT: Final = ("death", "pause")
AT_A_COMMIT: Final = {
    "answer of a commit lost": Order.LOSE_ANSWER,
    "connection lost in a commit": Order.LOSE_CONNECTION,
}
PAUSES: Final = (2.0, 8.0, 45.0, 150.0, 600.0)
# Around a call that pays every misfortune matters: there they strike so many times as often.
DELICATE: Final = (
    "withdrawal: claimed",
    "before the call",
    "after the call",
    "withdrawal: answered",
    "withdrawal: marked",
)
BOLDER: Final = 6
BEYOND_DEATH: Final = ("start", "lock")


@dataclass(frozen=True)
class Stroke:
    kind: str
    key: str
    seconds: float = 0.0
    order: Order = Order.GO_ON

    def __str__(self) -> str:
        return f"{self.kind} ({self.seconds:g} s)" if self.seconds else self.kind


@dataclass(frozen=True)
class Spared:
    """What a shrunk run leaves out: whole kinds of misfortune, single strokes, acts of the plot."""

    kinds: frozenset[str] = frozenset()
    strokes: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()


class Fate:
    def __init__(self, chance: Chance, spared: Spared) -> None:
        self.chance = chance
        self.spared = spared
        self.rates = {kind: self._rate(kind, rates) for kind, rates in RATES.items()}
        self.is_kind = False  # from the healing phase on
        self.struck: list[Stroke] = []
        self.reach: Counter[str] = Counter()

    def _rate(self, kind: str, rates: tuple[str, ...]) -> Decimal:
        if kind in self.spared.kinds or self.chance.number("calm", kind) % CALM:
            return Decimal(0)
        return Decimal(rates[self.chance.number("rate", kind) % len(rates)])

    def strikes(self, actor: "Actor", now: float) -> Stroke | None:
        """At the point where this actor stands."""
        if not actor.is_mortal or actor.point.kind in BEYOND_DEATH:
            return None
        for kind in AT_ANY_POINT:
            if kind == "pause" and actor.paused_at == actor.points:
                continue
            if stroke := self.happens(kind, actor.name, actor.points, times=_boldness(actor)):
                self.reached(f"{kind} at {actor.point.kind}")
                seconds = PAUSES[self.chance.number("pause", actor.name, actor.points) % len(PAUSES)]
                return stroke if kind == "death" else Stroke(kind, stroke.key, seconds=seconds)
        for kind, order in AT_A_COMMIT.items() if actor.point.kind == "commit" else ():
            if stroke := self.happens(kind, actor.name, actor.points):
                return Stroke(kind, stroke.key, order=order)
        return None

    def happens(self, kind: str, *where: str | int, times: int = 1) -> Stroke | None:
        key = "/".join(map(str, (kind, *where)))
        rate = min(self.rates[kind] * times, Decimal(1))
        if self.is_kind or key in self.spared.strokes or not self.chance.happens(rate, key):
            return None
        stroke = Stroke(kind, key)
        self.struck.append(stroke)
        self.reached(kind)
        return stroke

    def reached(self, case: str, times: int = 1) -> None:
        self.reach[case] += times

    def one_of(self, things: Iterable[str], *where: str | int) -> str:
        choice = list(things)
        return choice[self.chance.number("one of", *where) % len(choice)]


def _boldness(actor: "Actor") -> int:
    return BOLDER if actor.point.name.endswith(DELICATE) else 1
