from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.catalogue import Finding
from aeghash.core.commands import OperatorCommand
from aeghash.core.operations.check_invariants import check_invariants


class Command(OperatorCommand):
    help = "Look whether every invariant of the catalogue holds, all at one instant, and name the rows that break one."
    example = "check_invariants --only A1 --since-watermark"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these alone")
        parser.add_argument(
            "--since-watermark", action="store_true", help="only what came after each was last found to hold"
        )

    def work(self, **options: Any) -> list[dict[str, Any]]:
        findings = check_invariants(only=options["only"], since_watermark=options["since_watermark"])
        return [as_data(finding) for finding in findings]

    def sentences(self, result: list[dict[str, Any]]) -> list[str]:
        return [line for finding in result for line in lines(finding)]

    def is_good(self, result: list[dict[str, Any]]) -> bool:
        return all(finding["holds"] for finding in result)


def as_data(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.invariant.id,
        "sentence": finding.invariant.sentence,
        "holds": finding.holds,
        "seconds": round(finding.seconds, 3),
        "violations": finding.violations,
        "more": finding.more,
    }


def lines(finding: dict[str, Any]) -> list[str]:
    verdict = "holds" if finding["holds"] else "is broken"
    rows = [", ".join(f"{name} {value}" for name, value in row.items()) for row in finding["violations"]]
    more = ["… and more"] if finding["more"] else []
    return [
        f"{finding['id']} {verdict} ({finding['seconds']:.3f} s): {finding['sentence']}",
        *(f"    {row}" for row in rows + more),
    ]
