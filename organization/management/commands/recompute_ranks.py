from typing import Any

from aeghash.core.commands import OperatorCommand
from organization.operations.recompute_ranks import recompute_ranks


class Command(OperatorCommand):
    help = "Look at every member's rank by the rules that hold now, and raise whoever has earned it. Nobody falls."
    example = "recompute_ranks"

    def work(self, **_options: Any) -> dict[str, int]:
        return {"raised": recompute_ranks()}

    def sentences(self, result: dict[str, int]) -> list[str]:
        return [f"{result['raised']} members raised"]
