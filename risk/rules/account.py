"""The member's account."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from aeghash.core.money import format_amount
from risk.case import Case
from risk.findings import Finding
from risk.rules.base import OutcomeRule, hours
from risk.severities import Outcome, Severity


class NewAccount(OutcomeRule):
    """An account that is exactly as old as the figure is no longer new."""

    name = "account_age"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.account_age

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        age = case.context.at - case.context.account_created_at
        figure = case.figures.account_age_hours
        if age >= timedelta(hours=figure):
            return None
        sentence = _("The account is %(found)s hours old; it counts as new for %(limit)s.")
        return self.finding(severity, sentence, hours(age), str(figure))


class Debt(OutcomeRule):
    name = "debt"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.debt

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        debt = case.context.debt
        if debt <= 0:
            return None
        sentence = _("The member owes %(found)s %(asset)s.")
        return self.finding(severity, sentence, format_amount(debt, 0), "0", asset=case.context.asset)
