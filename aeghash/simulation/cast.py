"""Players in processes of their own, each with its own stage, and what they report of the seeds they played."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final

from aeghash.core.embedded.preparation import ROOT

PLAYER: Final = ("-m", "aeghash.simulation.player")
# Dead actors' threads are ended after each run; what a process gathers all the same goes with it.
SEEDS_A_LIFE: Final = 250


@dataclass(frozen=True)
class Report:
    """An ending, as its player told it."""

    seed: int
    violations: list[dict[str, str]]
    digest: str
    reach: dict[str, int]
    strokes: list[str]
    acts: list[str]
    kinds: list[str]
    steps: int
    seconds: float
    story: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        return sorted({violation["invariant"] for violation in self.violations})


class PlayerDied(RuntimeError):
    """A flaw of the simulation's own; its last words are on standard error."""


class Player:
    """One process. Asked for a seed, it answers with a report."""

    def __init__(self, module: Sequence[str] = PLAYER) -> None:
        self.module = module
        self.process: subprocess.Popen[str] | None = None
        self.played = 0

    def play(self, seed: int, **asked: Any) -> Report:
        if self.process is None or self.played >= SEEDS_A_LIFE:
            self.stop()
            self._start()
        self.played += 1
        return Report(**self._answer({"seed": seed, **asked}))

    def stop(self) -> None:
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()
            self.process = None

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        self.process = subprocess.Popen(
            [sys.executable, *self.module],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.played = 0
        self._read()

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(asked)}\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise PlayerDied(f"a player ended with {self.process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told


class Cast:
    """Several players at once."""

    def __init__(self, size: int, module: Sequence[str] = PLAYER) -> None:
        self.players = [Player(module) for _ in range(size)]

    def __enter__(self) -> "Cast":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        for player in self.players:
            player.stop()

    def play(self, seeds: Iterable[int], **asked: Any) -> Iterator[Report]:
        """As they end, in whatever order."""
        free: SimpleQueue[Player] = SimpleQueue()
        for player in self.players:
            free.put(player)

        def played(seed: int) -> Report:
            player = free.get()
            try:
                return player.play(seed, **asked)
            finally:
                free.put(player)

        with ThreadPoolExecutor(len(self.players)) as pool:
            yield from pool.map(played, seeds)

    def play_until_broken(self, seeds: Iterable[int], **asked: Any) -> Iterator[Report]:
        """One after the other, up to the first that breaks an invariant."""
        for seed in seeds:
            report = self.players[0].play(seed, **asked)
            yield report
            if report.broken:
                return
