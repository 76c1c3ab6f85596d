"""Runs the benchmarks one after the other, and prints their rows as one table."""

import argparse
import importlib
import pkgutil
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
    chosen = parser.parse_args().names or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    prepare_database()
    rows: list[Row] = []
    for number, name in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {name} …", flush=True)
        rows += importlib.import_module(f"bench.{name}").run()
    print_table([HEADINGS, *(row.cells() for row in rows)])


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
