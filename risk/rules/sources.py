"""The IP address a request came from."""

from decimal import Decimal

from django.utils.translation import gettext_noop as _

from risk.case import Case
from risk.figures import Limit
from risk.findings import Finding
from risk.models import ListKind, Target
from risk.rules.base import NO_LIMIT, LimitRule, OutcomeRule, Rule
from risk.severities import Outcome, Severity, severest


class BlockedIp(Rule):
    """Blocked wins over trusted: an office's network may be trusted and one machine in it blocked."""

    name = "ip_list"

    def find(self, case: Case) -> Finding | None:
        if entry := case.entry(ListKind.BLOCKED, Target.IP):
            return self.finding(
                Severity.BLOCK, _("The IP address is on the blocked list (entry %(entry)s)."), entry=str(entry.pk)
            )
        if entry := case.entry(ListKind.TRUSTED, Target.IP):
            return self.finding(
                Severity.INFO, _("The IP address is on the trusted list (entry %(entry)s)."), entry=str(entry.pk)
            )
        return None


class UnknownIp(OutcomeRule):
    """Where the member was never seen before; also a request that names none, or it would be enough to say nothing."""

    name = "unknown_ip"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.unknown_ip

    def find(self, case: Case) -> Finding | None:
        if case.context.ip and case.ip is None:
            severity = severest((Severity.REVIEW, self.outcome(case).severity or Severity.INFO))
            return self.finding(severity, _("The IP address can't be read."))
        return super().find(case)

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        if case.ip is None:
            return self.finding(severity, _("The request doesn't say from which IP address it came."))
        if case.knows_ip.get() or case.entry(ListKind.TRUSTED, Target.IP):
            return None
        return self.finding(severity, _("The member has never asked from this IP address before."))


class MembersAtIp(LimitRule):
    """Not at a trusted address: all members of a shop come from the shop's."""

    name = "members_per_ip"
    sentence = _("%(found)s members have asked from this IP address; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        return NO_LIMIT if case.entry(ListKind.TRUSTED, Target.IP) else case.figures.members_per_ip

    def found(self, case: Case) -> Decimal:
        return Decimal(case.context.members_from_ip)
