"""Plays seeds in a process of its own: reads one request a line, answers with one line."""

import gc
import json
import logging
import sys
from dataclasses import asdict
from typing import Any

import structlog

from aeghash.simulation import stage


def main() -> None:
    stage.set_up()
    silence()
    from aeghash.simulation.play import Player

    serve(Player())


def serve(player: Any) -> None:
    gc.freeze()  # what Django consists of is never garbage, and looking through it takes a fifth of the time
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(player.play(**json.loads(line))), default=str), flush=True)


def silence() -> None:
    """The product's log tells of every misfortune; the story does it better."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


if __name__ == "__main__":
    main()
