from typing import Any

from django.core.management.base import CommandParser

from aeghash.core import two_people
from aeghash.core.commands import OperatorCommand
from partners.operations.issue_key import ISSUE_KEY, new_key, show_secret


class Command(OperatorCommand):
    help = "Issue a key to a partner, by two people. The secret is printed once, and never again."
    example = "partner_key_create aegmall --by EMAIL --second EMAIL --overlap-days 7"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the partner")
        parser.add_argument("--scopes", default="", help="comma-separated, such as orders:read,orders:write; all")
        parser.add_argument("--overlap-days", type=int, metavar="N", help="older keys end after so many days")
        two_people.add_two_people(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        content = new_key(slug=options["slug"], scopes=scopes, overlap_days=options["overlap_days"])
        two_people.present(options).carry_out(ISSUE_KEY, content, f"key for {options['slug']}")
        return {"key_id": content["key_id"], "secret": show_secret(key_id=content["key_id"]).reveal()}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [f"X-AEG-Key: {result['key_id']}", f"X-AEG-Secret: {result['secret']}"]
