from typing import Any

from aeghash.core.commands import OperatorCommand
from partners.operations.purge_idempotency_keys import purge_idempotency_keys


class Command(OperatorCommand):
    help = "Take away the records of idempotency keys that are older than 24 hours."
    example = "purge_idempotency_keys"

    def work(self, **options: Any) -> dict[str, int]:
        return {"purged": purge_idempotency_keys()}

    def sentences(self, result: dict[str, int]) -> list[str]:
        return [f"{result['purged']} purged."]
