"""Runs the benchmarks one after the other, each on servers of its own, and prints their rows as one table."""

import argparse
import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import bench
from bench import services
from bench.measure import Row

MACHINERY: Final = {"__main__", "crew", "job_kinds", "measure", "services", "tree_schemas"}
HEADINGS: Final = ["work", "yardstick", "ratio", "target", "", "seen"]


def main() -> None:
    known = sorted({module.name for module in pkgutil.iter_modules(bench.__path__)} - MACHINERY)
    parser = argparse.ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"these alone: {', '.join(known)}")
    parser.add_argument("--into", metavar="FILE", help="the rows as JSON, instead of a table")
    options = parser.parse_args()
    chosen = options.names or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    if options.into:
        Path(options.into).write_text(json.dumps(rows_of(chosen)))
        return
    lines = [HEADINGS]
    for number, name in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {name} …", flush=True)
        lines += apart(name)
    print_table(lines)


def apart(name: str) -> list[list[str]]:
    """In a process of its own: what one leaves in its database is nothing to the next, and a broken one stops no other."""
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run([sys.executable, "-m", "bench", name, "--into", file.name], check=False)
        if done.returncode:
            return [[name, "", "", "", "broken", f"exit status {done.returncode}"]]
        rows: list[list[str]] = json.loads(Path(file.name).read_text())
        return rows


def rows_of(names: list[str]) -> list[list[str]]:
    prepare_database()
    rows: list[Row] = []
    for name in names:
        rows += importlib.import_module(f"bench.{name}").run()
    return [row.cells() for row in rows]


def prepare_database() -> None:
    services.start()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def print_table(lines: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
