"""The simulation's player, into whose product a mistake can be planted."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from aeghash.simulation import player, stage


def main() -> None:
    stage.set_up()
    player.silence()
    from aeghash.simulation.play import Player
    from tests.simulation.planted import planted

    real = Player()

    class Unlucky:
        def play(self, seed: int, bug: str = "", **spared: Sequence[str]) -> Any:
            with planted(bug) if bug else nullcontext():
                return real.play(seed, **spared)

    player.serve(Unlucky())


if __name__ == "__main__":
    main()
