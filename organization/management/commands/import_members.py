from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from organization.member_files import Fault
from organization.operations.import_members import import_members, plan_import


class Command(OperatorCommand):
    help = (
        "Bring the members of a CSV file in (columns uid and sponsor_uid, and email, name, side if wanted; UTF-8 or CP949). "
        "The whole file is looked at first: with a fault in any line nobody joins, and every fault is told with its line. "
        "An import that was interrupted goes on with --continue."
    )
    example = "import_members members.csv --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="look at the file and change nothing")
        parser.add_argument(
            "--continue", dest="goes_on", action="store_true", help="pass over those who are members already"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}", returncode=2)
        plan = plan_import(path=path, goes_on=options["goes_on"], tell=Progress(path.stat().st_size).show)
        joined = 0
        if not plan.faults.in_all and not options["dry_run"]:
            joined = import_members(plan=plan, tell=Progress(len(plan.newcomers)).show)
        return {
            "file": path.name,
            "to_join": len(plan.newcomers),
            "joined": joined,
            "there": plan.there,
            "faults": [as_data(fault) for fault in plan.faults.first()],
            "faults_in_all": plan.faults.in_all,
        }

    def sentences(self, result: dict[str, Any]) -> list[str]:
        told = [f"line {fault['line']}: {fault['field']} {fault['reason']}" for fault in result["faults"]]
        if result["faults_in_all"]:
            return [*told, f"{result['faults_in_all']} faults; nobody has joined."]
        return [f"{result['joined']} of {result['to_join']} have joined, {result['there']} were members already."]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["faults_in_all"]


def as_data(fault: Fault) -> dict[str, Any]:
    return {"line": fault.line, "field": fault.field, "reason": str(fault.reason)}
