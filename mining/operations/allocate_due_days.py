from collections.abc import Callable
from datetime import date

from aeghash.core.errors import Refusal
from mining.operations.allocate_income import allocate_income
from mining.operations.report_balances import report_balances
from mining.queries.due import days_to_allocate


def allocate_due_days(*, tell: Callable[[], None] = lambda: None) -> dict[date, str]:
    """Every day that is due, oldest first; a day that is refused holds up no other. Gives the refusals by day."""
    refused: dict[date, str] = {}
    for day in days_to_allocate():
        try:
            allocate_income(day=day)
        except Refusal as refusal:
            refused[day] = str(refusal)
        else:
            report_balances(day=day)
        tell()
    return refused
