"""One seed from its first scene to its ending."""

from collections.abc import Iterable

from aeghash.simulation import stage
from aeghash.simulation.fate import Spared
from aeghash.simulation.watch import Watch
from aeghash.simulation.world import Ending, World


class Player:
    def __init__(self) -> None:
        self.watch = Watch()

    def play(
        self, seed: int, kinds: Iterable[str] = (), strokes: Iterable[str] = (), acts: Iterable[str] = ()
    ) -> Ending:
        """What is named is spared: whole kinds of misfortune, single strokes, acts of the plot."""
        stage.reset()
        spared = Spared(frozenset(kinds), frozenset(strokes), frozenset(acts))
        return World(seed, spared, self.watch).play()
