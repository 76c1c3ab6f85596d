from typing import Any

from aeghash.core.commands import OperatorCommand
from organization.operations.roll_up_volumes import roll_up_volumes


class Command(OperatorCommand):
    help = "Count the orders, refunds and joinings since the last time into everybody's days, as a schedule does."
    example = "rollup_volumes"

    def work(self, **_options: Any) -> dict[str, int]:
        return {"days_changed": roll_up_volumes()}

    def sentences(self, result: dict[str, int]) -> list[str]:
        return [f"{result['days_changed']} members' days changed"]
