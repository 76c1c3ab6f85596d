import os
from typing import Any

from aeghash.core.commands import OperatorCommand
from partners.operations.import_keys import import_keys


class Command(OperatorCommand):
    help = "Take over keys kept elsewhere, from AEGMALL_<PARTNER>_KEY and _SECRET (or …_FILE) of the environment."
    example = "import_partner_keys"

    def work(self, **options: Any) -> dict[str, Any]:
        return import_keys(environment=os.environ)

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [
            f"imported: {', '.join(result['imported']) or 'none'}",
            f"known: {', '.join(result['known']) or 'none'}",
        ]
