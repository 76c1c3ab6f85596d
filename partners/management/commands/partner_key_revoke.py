from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from partners.operations.revoke_key import revoke_key


class Command(OperatorCommand):
    help = "End a partner's key at once."
    example = 'partner_key_revoke ak_0123456789 --reason "found in a public repository"'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key_id", help="as in X-AEG-Key")
        parser.add_argument("--reason", default="", help="why; it goes on the audit trail")

    def work(self, **options: Any) -> dict[str, Any]:
        key = revoke_key(key_id=options["key_id"], reason=options["reason"])
        return {"key_id": key.key_id, "revoked_at": key.revoked_at}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [f"Key {result['key_id']} is revoked."]
