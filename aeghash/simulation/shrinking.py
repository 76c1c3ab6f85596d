"""From a failing seed to its shortest story: leave out what doesn't matter, as long as the same invariant breaks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from aeghash.simulation.cast import Report


@dataclass(frozen=True)
class Left:
    """What is left out, as a run takes it."""

    kinds: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    strokes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.kinds) + len(self.acts) + len(self.strokes)


Replay = Callable[[Left], Report]


def shrunk(report: Report, replay: Replay) -> tuple[Report, Left]:
    """Whole kinds of misfortune first, then acts of the plot, then single strokes, until none can be spared."""
    left = Left()
    for name in ("kinds", "acts", "strokes"):
        for thing in _worth_trying(report, name):
            tried = replace(left, **{name: (*getattr(left, name), thing)})
            again = replay(tried)
            if set(again.broken) & set(report.broken):
                report, left = again, tried
    return report, left


def _worth_trying(report: Report, name: str) -> Sequence[str]:
    """Each is asked for as it stands now: what an earlier cut has taken along needs no cut of its own."""
    things: Iterable[str] = getattr(report, name)
    return sorted(things)
