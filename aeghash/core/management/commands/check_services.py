from dataclasses import asdict
from typing import Any

from aeghash.core.commands import OperatorCommand
from aeghash.core.services import check_all


class Command(OperatorCommand):
    help = (
        "Connect to PostgreSQL, Redis, HashDam and MBlock for real: write and read the first two, ask the others for "
        "projectInfo and transitConfig with the configured keys. Exit status 1 if one does not answer."
    )
    example = "check_services --json"

    def work(self, **_options: Any) -> list[dict[str, Any]]:
        return [asdict(finding) for finding in check_all()]

    def sentences(self, result: list[dict[str, Any]]) -> list[str]:
        return [f"{'ok  ' if one['is_good'] else 'FAIL'} {one['service']:<11} {one['sentence']}" for one in result]

    def is_good(self, result: list[dict[str, Any]]) -> bool:
        return all(one["is_good"] for one in result)
