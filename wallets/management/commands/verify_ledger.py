from typing import Any, Final

from aeghash.core.commands import OperatorCommand
from aeghash.core.money import format_amount
from aeghash.core.operations.check_invariants import check_invariants
from wallets.queries.books import liabilities

LEDGER: Final = ("L1", "L2", "L3", "L4", "L5", "L6", "L7")


class Command(OperatorCommand):
    help = "Look at every transfer and every balance: sums, holds, references, debts. Names what doesn't fit."
    example = "verify_ledger"

    def work(self, **_options: Any) -> dict[str, Any]:
        findings = check_invariants(only=LEDGER)
        return {
            "violations": [
                {"invariant": finding.invariant.id, "sentence": finding.invariant.sentence, "rows": finding.violations}
                for finding in findings
                if not finding.holds
            ],
            "owed": {row.asset: format_amount(row.amount, 0) for row in liabilities()},
        }

    def sentences(self, result: dict[str, Any]) -> list[str]:
        broken = [f"{each['invariant']}: {each['sentence']} {each['rows'][0]}" for each in result["violations"]]
        owed = [f"owed to members: {amount} {asset}" for asset, amount in result["owed"].items()]
        return [*broken, *owed, f"{len(broken)} violations" if broken else "the ledger holds"]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["violations"]
