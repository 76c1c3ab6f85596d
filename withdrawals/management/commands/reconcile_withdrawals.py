from typing import Any

from aeghash.core.actors import acting_as, command
from aeghash.core.commands import OperatorCommand
from withdrawals.operations.reconcile_withdrawals import Reconciliation, reconcile_withdrawals


class Command(OperatorCommand):
    help = (
        "Compare every payout whose end isn't known with the remotes' books, and follow what they show. "
        "Exit status 1 while anything is unexplained."
    )
    example = "reconcile_withdrawals"

    def work(self, **_options: Any) -> Reconciliation:
        with acting_as(command("reconcile_withdrawals")):
            return reconcile_withdrawals()

    def sentences(self, result: Reconciliation) -> list[str]:
        lines = [f"{result.looked_at} looked at"]
        lines += [f"  {count} {status}" for status, count in sorted(result.now.items())]
        lines += [f"  #{pk} could not be looked at" for pk in result.failed]
        return [*lines, *(f"  {sentence}" for sentence in result.unexplained)]

    def is_good(self, result: Reconciliation) -> bool:
        return result.is_clean
