from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from partners.operations.create_partner import create_partner


class Command(OperatorCommand):
    help = "Make a partner, who can call us once a key is issued to it."
    example = "partner_create aegmall --name AEGMALL --network 203.0.113.0/24"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its short name: lower-case letters, digits, hyphens; it never changes")
        parser.add_argument("--name", default="", help="what people call it")
        parser.add_argument("--network", action="append", default=[], metavar="CIDR", help="where its calls come from")
        parser.add_argument("--sha256", action="store_true", help="take the older signatures as well")
        parser.add_argument("--legacy-get", action="store_true", help="take calls of the first API as well")

    def work(self, **options: Any) -> dict[str, Any]:
        partner = create_partner(
            slug=options["slug"],
            name=options["name"],
            networks=options["network"],
            allows_sha256=options["sha256"],
            allows_legacy_get=options["legacy_get"],
        )
        return {"slug": partner.slug}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [f"Partner {result['slug']} is there. Next: manage.py partner_key_create {result['slug']}"]
