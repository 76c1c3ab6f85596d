"""The real code on a real PostgreSQL, under misfortune that follows from a seed."""

import os
import re
from argparse import ArgumentTypeError
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from aeghash.simulation.cast import Cast, Report
from aeghash.simulation.shrinking import Left, shrunk

MOST_PLAYERS = 8


def seeds_of(text: str) -> range:
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text, re.ASCII)
    if match is None or int(match[1]) > int(match[2]):
        raise ArgumentTypeError("seeds are written such as 1-1000")
    return range(int(match[1]), int(match[2]) + 1)


class Command(OperatorCommand):
    help = (
        "Play the company through seeds of misfortune: deaths, lost answers, lying remotes. Ends with 1 if an invariant "
        "broke. It works on a database of its own."
    )
    example = "simulate --seeds 1-300"

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--seeds", type=seeds_of, metavar="A-B", help="play these, and say what was reached")
        which.add_argument("--seed", type=int, metavar="N", help="play this one")
        parser.add_argument("--story", action="store_true", help="with --seed: tell what happened, line by line")
        parser.add_argument("--players", type=int, default=min(os.cpu_count() or 1, MOST_PLAYERS), metavar="N")
        parser.add_argument("--no-shrinking", action="store_true", help="leave failing seeds as they are")

    def work(self, **options: Any) -> dict[str, Any]:
        seeds = options["seeds"] or [options["seed"]]
        with Cast(max(1, min(options["players"], len(seeds)))) as cast:
            return self._played(cast, seeds, is_shrinking=not options["no_shrinking"], is_told=options["story"])

    def _played(self, cast: Cast, seeds: Any, *, is_shrinking: bool, is_told: bool) -> dict[str, Any]:
        bar, reach, broken = Progress(len(seeds)), Counter[str](), list[Report]()
        seeds_reaching: Counter[str] = Counter()
        last: Report | None = None
        for done, report in enumerate(cast.play(seeds), 1):
            last = report
            reach.update(report.reach)
            seeds_reaching.update(report.reach.keys())
            broken += [report] if report.broken else []
            bar.show(done)
        stories = [self._shrunk(cast, report) for report in broken[:3]] if is_shrinking else []
        return {
            "seeds": len(seeds),
            "broken": {report.seed: report.violations for report in broken},
            "reached": dict(sorted(reach.items())),
            "in_seeds": dict(sorted(seeds_reaching.items())),
            "shrunk": stories,
            "story": last.story if is_told and last is not None else [],
        }

    def _shrunk(self, cast: Cast, report: Report) -> dict[str, Any]:
        def replay(left: Left) -> Report:
            return cast.players[0].play(report.seed, kinds=left.kinds, acts=left.acts, strokes=left.strokes)

        short, left = shrunk(report, replay)
        return {"seed": short.seed, "broken": short.broken, "left_out": len(left), "story": short.story}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        told = [*result["story"]]
        for short in result["shrunk"]:
            told += [
                f"Seed {short['seed']} breaks {', '.join(short['broken'])}; its shortest story:",
                *short["story"],
                "",
            ]
        told += [f"{'reached':<44} {'times':>8} {'seeds':>8}"]
        told += [f"{case:<44} {times:>8} {result['in_seeds'][case]:>8}" for case, times in result["reached"].items()]
        for seed, violations in result["broken"].items():
            told += [f"seed {seed}: {violation['invariant']}: {violation['what'][:200]}" for violation in violations]
        verdict = f"{len(result['broken'])} of {result['seeds']} seeds broke an invariant." if result["broken"] else (
            f"{result['seeds']} seeds: every invariant held."
        )  # fmt: skip
        return [*told, verdict]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["broken"]
