from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from mining.operations.sync_mining import sync_mining

STEPS = 110  # about as many as a first look of 90 days takes


class Command(OperatorCommand):
    help = "Read the pool's facts into our tables: days, balances, rates, histories. Safe to run again at any time."
    example = "sync_mining --since 2026-08-01"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=day, metavar="DATE", help="from this day on")

    def work(self, **options: Any) -> dict[str, Any]:
        bar, steps = Progress(STEPS), iter(range(1, STEPS))
        report = sync_mining(since=options["since"], tell=lambda: bar.show(next(steps, STEPS - 1)))
        bar.show(STEPS)
        return {"changed": report.changed, "failed": report.failed}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [
            *(f"{name}: {count} new or changed" for name, count in result["changed"].items()),
            *(f"{name}: NOT READ ({reason})" for name, reason in result["failed"].items()),
        ]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["failed"]


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no day such as 2026-08-01.", returncode=2) from None
