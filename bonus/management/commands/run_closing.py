from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from aeghash.core.two_people import add_two_people, present
from bonus.models import Closing, ClosingState
from bonus.operations.confirm_closing import CONFIRM_CLOSING, confirm_closing
from bonus.operations.draft_closing import draft_closing, foreseen
from bonus.operations.run_closing import run_closing
from organization import days


class Command(OperatorCommand):
    help = (
        "Close the last period that is over. Alone it writes the draft; with two people it is confirmed and paid out. "
        "A closing that was stopped goes on from where it was."
    )
    example = "run_closing --dry-run --as-of 2026-11-16T23:50"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to, and change nothing")
        parser.add_argument("--as-of", type=moment, metavar="TIME", help="the period that was over then (Korean time)")
        add_two_people(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        if options["dry_run"]:
            period, figures = foreseen(as_of=options["as_of"])
            return {"closing": None, "status": "dry-run", "ends_at": period.ends_at, **figures}
        if (options["by"] is None) != (options["second"] is None):
            raise CommandError("--by and --second go together", returncode=2)
        stopped = Closing.objects.filter(status=ClosingState.RUNNING).first()
        return told(self.run(stopped) if stopped else self.begin(**options))

    def begin(self, **options: Any) -> Closing:
        pair = present(options) if options["by"] else None
        closing = draft_closing(as_of=options["as_of"])
        if pair is not None:
            pair.carry_out(CONFIRM_CLOSING, {"closing": closing.pk}, "run_closing")
        elif settings.CLOSING_AUTO_CONFIRM:
            confirm_closing(closing_id=closing.pk)
        else:
            return closing
        return self.run(closing)

    def run(self, closing: Closing) -> Closing:
        bar = Progress(100)

        def tell() -> None:
            bar.show(Closing.objects.get(pk=closing.pk).progress)

        return run_closing(closing_id=closing.pk, tell=tell)

    def sentences(self, result: dict[str, Any]) -> list[str]:
        head = f"{result['status']}: {result['members']} members, {result['total']} POINT"
        types = [f"  {kind:16} {part['amount']:>24} in {part['entries']}" for kind, part in result["types"].items()]
        return [head, *types, *([f"SHA-256 {result['sha256']}"] if result.get("sha256") else [])]


def told(closing: Closing) -> dict[str, Any]:
    return {
        "closing": closing.pk,
        "status": closing.status,
        "ends_at": closing.ends_at,
        "sha256": closing.sha256,
        **(closing.report or closing.figures),
    }


def moment(text: str) -> datetime:
    """Without a zone it is the company's."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=days.ZONE)
