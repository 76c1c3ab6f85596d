"""Where the money is to go. A request without an address is paid to the company's own account: nothing to find here."""

from decimal import Decimal

from django.utils.translation import gettext_noop as _

from risk.case import Case
from risk.figures import Limit
from risk.findings import Finding
from risk.models import ListKind, Target
from risk.rules.base import NO_LIMIT, LimitRule, OutcomeRule, Rule, said
from risk.severities import Outcome, Severity


class BlockedAddress(Rule):
    name = "address_list"

    def find(self, case: Case) -> Finding | None:
        if case.context.address and case.address is None:
            return self.finding(Severity.REVIEW, _("The payout address can't be read."))
        if entry := case.entry(ListKind.BLOCKED, Target.ADDRESS):
            return self.finding(
                Severity.BLOCK, _("The payout address is on the blocked list (entry %(entry)s)."), entry=str(entry.pk)
            )
        if entry := case.entry(ListKind.TRUSTED, Target.ADDRESS):
            return self.finding(
                Severity.INFO, _("The payout address is on the trusted list (entry %(entry)s)."), entry=str(entry.pk)
            )
        return None


class UntrustedAddress(OutcomeRule):
    name = "only_whitelisted"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.only_whitelisted

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        if not case.context.address or case.entry(ListKind.TRUSTED, Target.ADDRESS):
            return None
        return self.finding(severity, _("The payout address is not on the trusted list."))


class CoolingAddress(OutcomeRule):
    """At the very moment its cooling time ends an address can be used. Trust doesn't shorten it."""

    name = "address_cooling"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.address_cooling

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        usable_from = case.context.address_usable_from
        if usable_from is None or case.context.at >= usable_from:
            return None
        sentence = _("The payout address is within its cooling time: asked for at %(found)s, usable from %(limit)s.")
        return self.finding(severity, sentence, said(case.context.at), said(usable_from))


class FirstUse(OutcomeRule):
    name = "first_use"

    def outcome(self, case: Case) -> Outcome:
        return case.figures.first_use

    def seen(self, case: Case, severity: Severity) -> Finding | None:
        is_known = (
            case.context.address_first_used_at is not None and case.context.address_first_used_at < case.context.at
        )
        if not case.context.address or is_known or case.entry(ListKind.TRUSTED, Target.ADDRESS):
            return None
        return self.finding(severity, _("The member was never paid to this address before."))


class MembersWithAddress(LimitRule):
    """Not with a trusted one: the company's own account at an exchange, for example."""

    name = "members_per_address"
    sentence = _("%(found)s members use this payout address; the figure is %(limit)s.")

    def limit(self, case: Case) -> Limit:
        if not case.context.address or case.entry(ListKind.TRUSTED, Target.ADDRESS):
            return NO_LIMIT
        return case.figures.members_per_address

    def found(self, case: Case) -> Decimal:
        return Decimal(case.context.members_with_address)
