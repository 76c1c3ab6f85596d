"""The device a request came from."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from risk.case import Case
from risk.findings import Finding
from risk.rules.base import OutcomeRule, hours
from risk.severities import Outcome, Severity, severest


class Device(OutcomeRule):
    """New for so many hours from when it was first seen, for whoever steals an account brings one along; also a request
    that names none, or it would be enough to say nothing."""

    name = "device"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.new_device

    def find(self, case: Case) -> Finding | None:
        if case.context.device_id and case.device_id is None:
            severity = severest((Severity.REVIEW, self.outcome(case).severity or Severity.INFO))
            return self.finding(severity, _("The device's number can't be read."))
        return super().find(case)

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        if case.device_id is None:
            return self.finding(severity, _("The request doesn't say from which device it came."))
        first_seen_at = case.device.get().first_seen_at
        figure = case.figures.new_device_hours
        if first_seen_at is None:
            return None
        age = max(case.decided_at - first_seen_at, timedelta(0))
        if first_seen_at < case.decided_at and age >= timedelta(hours=figure):
            return None
        sentence = _("The device is new: it was first seen %(found)s hours ago, and counts as new for %(limit)s.")
        return self.finding(severity, sentence, hours(age), str(figure))
