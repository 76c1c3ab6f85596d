"""How much, and how often. The request that is judged counts along."""

from decimal import Decimal

from django.utils.translation import gettext_noop as _

from risk.case import Case
from risk.figures import Limit
from risk.rules.base import NO_LIMIT, LimitRule


class AmountOfRequest(LimitRule):
    name = "amount"
    sentence = _("The amount, %(found)s %(asset)s, reaches the figure of %(limit)s %(asset)s for one request.")

    def limit(self, case: Case) -> Limit:
        return case.figures.amount.get(case.context.asset, NO_LIMIT)

    def found(self, case: Case) -> Decimal:
        return case.context.amount


class SumOfDay(LimitRule):
    name = "sum_24h"
    sentence = _("With this request the member reaches %(found)s %(asset)s in 24 hours; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        return case.figures.sum_24h.get(case.context.asset, NO_LIMIT)

    def found(self, case: Case) -> Decimal:
        return case.context.sum_24h + case.context.amount


class SumOfWeek(LimitRule):
    name = "sum_7d"
    sentence = _("With this request the member reaches %(found)s %(asset)s in 7 days; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        return case.figures.sum_7d.get(case.context.asset, NO_LIMIT)

    def found(self, case: Case) -> Decimal:
        return case.context.sum_7d + case.context.amount


class CountOfDay(LimitRule):
    name = "count_24h"
    sentence = _("This is the member's request number %(found)s in 24 hours; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        return case.figures.count_24h

    def found(self, case: Case) -> Decimal:
        return Decimal(case.context.count_24h + 1)


class CountOfWeek(LimitRule):
    name = "count_7d"
    sentence = _("This is the member's request number %(found)s in 7 days; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        return case.figures.count_7d

    def found(self, case: Case) -> Decimal:
        return Decimal(case.context.count_7d + 1)
