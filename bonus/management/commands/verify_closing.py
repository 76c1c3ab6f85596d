from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from bonus.queries.canonical import differences


class Command(OperatorCommand):
    help = "Compare a closed period with what it was when it was closed, entry by entry, and its hash."
    example = "verify_closing 12"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, metavar="ID")

    def work(self, **options: Any) -> dict[str, Any]:
        return {"closing": options["id"], "differences": differences(options["id"])}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return result["differences"] or [f"closing {result['closing']} is what it was"]

    def is_good(self, result: Any) -> bool:
        return not result["differences"]
