"""Two sides measured in turn, so that whatever the machine does meanwhile happens to both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

ROUNDS: Final = 15

Side = Callable[[], float]  # one round; gives a rate, a time, or whatever both sides give


@dataclass(frozen=True)
class Row:
    work: str
    yardstick: str
    ratios: list[float]
    at_least: float | None = None
    at_most: float | None = None
    seen: str = ""  # absolute figures, for orientation

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_reached(self) -> bool:
        return (self.at_least is None or self.ratio >= self.at_least) and (
            self.at_most is None or self.ratio <= self.at_most
        )

    def cells(self) -> list[str]:
        least = [] if self.at_least is None else [f">= {self.at_least:g}"]
        most = [] if self.at_most is None else [f"<= {self.at_most:g}"]
        spread = f"{self.ratio:.2f} [{min(self.ratios):.2f}..{max(self.ratios):.2f}]"
        verdict = "reached" if self.is_reached else "falls short"
        return [self.work, self.yardstick, spread, " ".join(least + most), verdict, self.seen]


def compare(
    work: tuple[str, Side],
    yardstick: tuple[str, Side],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "/s",
    rounds: int = ROUNDS,
) -> Row:
    """The ratio of work to yardstick, round by round, after one that doesn't count.

    Which side goes first alternates: a machine that gets slower or faster favours neither.
    """
    figures: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        if turn % 2:
            of_yardstick, of_work = yardstick[1](), work[1]()
        else:
            of_work, of_yardstick = work[1](), yardstick[1]()
        figures.append((of_work, of_yardstick))
    counted = figures[1:]
    return Row(
        work=work[0],
        yardstick=yardstick[0],
        ratios=[of_work / of_yardstick for of_work, of_yardstick in counted],
        at_least=at_least,
        at_most=at_most,
        seen=" against ".join(f"{median(column):,.0f}{unit}" for column in zip(*counted, strict=True)),
    )
