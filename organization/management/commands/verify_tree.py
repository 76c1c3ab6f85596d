from itertools import islice
from typing import Any, Final

from aeghash.core import catalogue
from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from aeghash.core.snapshots import read_only_snapshot
from organization.models import Member
from organization.queries.replay import misplaced

MOST_SHOWN: Final = 1000
INVARIANTS: Final = ("O1", "O2")


class Command(OperatorCommand):
    help = (
        "Look at both trees as they are at one instant: roots, depths, sides, free slots, the log of spillovers; and at "
        "every binary placement once more, in the order in which they were made."
    )
    example = "verify_tree"

    def work(self, **_options: Any) -> dict[str, Any]:
        with read_only_snapshot():
            members = Member.objects.count()
            findings = catalogue.look_at_all(only=INVARIANTS)
            flaws = [
                {"check": finding.invariant.id, **violation} for finding in findings for violation in finding.violations
            ]
            progress = Progress(members)
            wrong = [{"check": "order", "flaw": str(one)} for one in islice(misplaced(progress.show), MOST_SHOWN)]
            progress.show(members)
        return {"members": members, "violations": flaws + wrong}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        flaws = [", ".join(f"{name} {value}" for name, value in flaw.items()) for flaw in result["violations"]]
        verdict = f"{len(flaws)} violations" if flaws else "everybody stands in the right place"
        return [*flaws, f"{result['members']} members: {verdict}."]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["violations"]
