"""Running one sandbox from the command line, with Django or without."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from aeghash.sandbox.faults.kinds import Fault, parse_fault
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.jsontext import from_json, to_json
from aeghash.sandbox.mblock import MBlock
from aeghash.sandbox.model import Model
from aeghash.sandbox.refusals import Misuse
from aeghash.sandbox.serving.server import SandboxServer
from aeghash.sandbox.settings import HashDamSettings, MBlockSettings
from aeghash.sandbox.timeline import Clock, system_clock

PORTS = {"hashdam": 8101, "mblock": 8102}
DONE, MISUSED = 0, 2

DESCRIPTION = "Run one of the remotes, HashDam or MBlock, as a local server with faults on demand."
EXAMPLES = """\
examples:
  %(prog)s hashdam
  %(prog)s hashdam --port 8101 --seed 7 --listing-delay 120
  %(prog)s mblock --port 0 --faults faults.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("remote", choices=sorted(PORTS), help="which of the two to be")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
    parser.add_argument("--port", type=_port, help="0 takes a free one (hashdam: 8101, mblock: 8102)")
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from (1)")
    parser.add_argument("--faults", type=Path, metavar="FILE", help="a JSON list of faults to begin with")
    parser.add_argument(
        "--frozen-at", type=_moment, metavar="TIME", help="a clock that moves only when steered, from this time on"
    )
    parser.add_argument("--json", action="store_true", help="say that it is ready in JSON")
    delays = parser.add_argument_group("times in seconds; of hashdam")
    delays.add_argument("--listing-delay", type=_seconds, help="until a withdrawal appears in the history (0)")
    for name, usual in (("withdrawal", 30), ("charge", 60), ("swap", 60)):
        words = f'until a {name} completes ({usual}); "never": only by hand'
        delays.add_argument(f"--{name}-time", type=_seconds_or_never, help=words)
    delays = parser.add_argument_group("times in seconds; of mblock")
    delays.add_argument("--receipt-delay", type=_seconds, help="until a transaction has a receipt (0)")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _seconds(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from None


def _seconds_or_never(text: str) -> Decimal | str:
    return text if text == "never" else _seconds(text)


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("the time needs a zone: 2026-01-01T00:00:00Z")
    return int(moment.timestamp()) * 1000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m aeghash.sandbox",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    return run(vars(parser.parse_args(arguments)))


def run(options: Mapping[str, Any]) -> int:
    """Serve until told to stop; return the exit status. A refusal is one sentence on standard error."""
    try:
        if os.environ.get("APP_ENV", "").strip().lower() == "production":
            raise Misuse("A sandbox doesn't run with APP_ENV=production.")
        remote = FaultyRemote(_model(options), _faults(options["faults"]))
        port = PORTS[options["remote"]] if options["port"] is None else options["port"]
        server = SandboxServer(remote, host=options["host"], port=port)
        asyncio.run(_serve(server, in_json=options["json"]))
    except (Misuse, OSError) as refused:
        print(refused, file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        pass
    return DONE


def _model(options: Mapping[str, Any]) -> Model:
    clock = _clock(options["frozen_at"])
    if options["remote"] == "hashdam":
        names = ("listing_delay", "withdrawal_time", "charge_time", "swap_time")
        _refuse(options, "receipt_delay")
        return HashDam(seed=options["seed"], clock=clock, settings=HashDamSettings(**_given(options, names)))
    _refuse(options, "listing_delay", "withdrawal_time", "charge_time", "swap_time")
    settings = MBlockSettings(**_given(options, ("receipt_delay",)))
    return MBlock(seed=options["seed"], clock=clock, settings=settings)


def _clock(frozen_at: int | None) -> Clock:
    return system_clock if frozen_at is None else lambda: frozen_at


def _given(options: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: options[name] for name in names if options[name] is not None}
    return {name: None if value == "never" else value for name, value in given.items()}


def _refuse(options: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if options[name] is not None:
            raise Misuse(f"--{name.replace('_', '-')} is nothing that {options['remote']} has.")


def _faults(file: Path | None) -> list[Fault]:
    if file is None:
        return []
    try:
        given = from_json(file.read_bytes())
    except ValueError as error:
        raise Misuse(f"{file} holds no JSON.") from error
    if not isinstance(given, list):
        raise Misuse(f"{file} must hold a list of faults.")
    return [parse_fault(fault) for fault in given]


async def _serve(server: SandboxServer, *, in_json: bool) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        await server.start()
    except OSError as error:
        raise Misuse(f"Can't listen on port {server.port}: {error.strerror or error}.") from error
    name = server.remote.model.name
    line = to_json({"remote": name, "ready": server.url}) if in_json else f"{name} sandbox ready {server.url}"
    print(line, flush=True)
    await stopped.wait()
    await server.stop()
