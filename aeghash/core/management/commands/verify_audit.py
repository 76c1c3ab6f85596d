from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core.audit import verification
from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from aeghash.core.snapshots import read_only_snapshot


class Command(OperatorCommand):
    help = "Follow the audit trail's chain from its first number to its last; names every row that doesn't fit."
    example = "verify_audit --head 1500:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", metavar="NUMBER:HASH", help="a head as the alert channel shows it, to hold against"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        head = parsed(options["head"])
        with read_only_snapshot():
            last = verification.last_number()
            flaws = list(verification.flaws(last, Progress(last).show))
            flaws += verification.contradicts(*head) if head else []
        return {"sealed": last, "violations": [vars(flaw) | {"sentence": str(flaw)} for flaw in flaws]}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        verdict = f"{len(result['violations'])} violations" if result["violations"] else "the chain holds"
        return [*(flaw["sentence"] for flaw in result["violations"]), f"{result['sealed']} rows are sealed: {verdict}."]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["violations"]


def parsed(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    number, _, digest = head.partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64):
        raise CommandError("--head takes a number, a colon and 64 hexadecimal digits.", returncode=2)
    return int(number), digest
