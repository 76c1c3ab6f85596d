"""What was decided, with every finding in plain words."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from risk.admin.area import RISK, member
from risk.models import RiskEvent
from risk.rights import VIEW_RISK
from risk.severities import Decision, Severity

TONES = {Decision.ALLOW: "ok", Decision.REVIEW: "warn", Decision.BLOCK: "bad"}
SEVERITY_TONES = {Severity.INFO: "info", Severity.REVIEW: "warn", Severity.BLOCK: "bad"}


@admin.register(RiskEvent)
class EventScreen(Screen[RiskEvent]):
    area = RISK
    place = 10
    may_view = VIEW_RISK
    lead = gettext_lazy("Each request for a payout is judged before anybody is asked to approve it.")
    empty_title = gettext_lazy("No decisions yet")
    empty_text = gettext_lazy("As soon as a payout is asked for, what risk thought of it stands here.")
    tabs = (
        Tab("review", gettext_lazy("To be reviewed"), Q(decision=Decision.REVIEW), is_counted=False),
        Tab("block", gettext_lazy("Blocked"), Q(decision=Decision.BLOCK), is_counted=False),
        Tab("allow", gettext_lazy("Allowed"), Q(decision=Decision.ALLOW), is_counted=False),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    filters = (by_moment("decided_at"),)
    export = {
        gettext_lazy("Decided"): lambda event: event.decided_at,
        gettext_lazy("Decision"): lambda event: event.get_decision_display(),
        gettext_lazy("Member"): lambda event: member(event.user),
        gettext_lazy("Asset"): lambda event: event.asset,
        gettext_lazy("Amount"): lambda event: event.amount,
        gettext_lazy("Findings"): lambda event: " ".join(finding.text() for finding in event.found()),
        gettext_lazy("Policy version"): lambda event: event.policy_id,
    }
    list_display = ("decided", "who", "state", "amount_shown", "what_was_found", "request_shown", "version")
    list_select_related = ("user",)
    search_fields = ("user__uid__startswith", "subject_id__exact")
    search_help_text = gettext_lazy("Member number or request")
    ordering = ("-id",)
    sortable_by = ()

    def title_of(self, row: RiskEvent) -> str:
        return _("Risk decision #%(number)s") % {"number": row.pk}

    def badge_of(self, row: RiskEvent) -> str:
        return self.state(row)

    def sections(self, row: RiskEvent) -> Sequence[Section]:
        findings = [(finding, severity_badge(finding.severity)) for finding in row.found()]
        found = render_to_string("risk/findings.html", {"findings": findings})
        note = _("By version %(version)s of the policy, at the time it was asked for.") % {"version": row.policy_id}
        return (
            Section(_("Findings"), html=found, note=note),
            Section(_("Request"), self.request_of(row)),
            Section(_("What was known"), self.known_of(row.context)),
        )

    def request_of(self, row: RiskEvent) -> list[tuple[str, Any]]:
        return [
            (_("Member"), member(row.user)),
            (_("Amount"), cells.money(row.amount, row.asset)),
            (_("Payout address"), cells.address(row.address)),
            (_("IP address"), cells.address(row.ip)),
            (_("Device"), device_cell(row.device_id)),
            (_("Request"), self.request_shown(row)),
            (_("Asked for"), cells.moment(row.requested_at)),
            (_("Decided"), cells.moment(row.decided_at)),
        ]

    def known_of(self, context: dict[str, Any]) -> list[tuple[str, Any]]:
        labels = {
            "count_24h": _("Earlier requests in 24 hours"),
            "count_7d": _("Earlier requests in 7 days"),
            "sum_24h": _("Earlier sum in 24 hours"),
            "sum_7d": _("Earlier sum in 7 days"),
            "debt": _("Debt"),
            "members_from_ip": _("Members at this IP address"),
            "members_with_address": _("Members with this payout address"),
            "account_created_at": _("Account made"),
            "address_usable_from": _("Payout address usable from"),
            "address_first_used_at": _("First payout to it"),
        }
        return [
            (label, format_html('<span class="code">{}</span>', cells.words(context.get(name))))
            for name, label in labels.items()
        ]

    @admin.display(description=gettext_lazy("decided"))
    def decided(self, row: RiskEvent) -> str:
        return cells.moment(row.decided_at)

    @admin.display(description=gettext_lazy("member"))
    def who(self, row: RiskEvent) -> str:
        return member(row.user)

    @admin.display(description=gettext_lazy("decision"))
    def state(self, row: RiskEvent) -> str:
        return cells.badge(row.get_decision_display(), TONES.get(Decision(row.decision), ""))

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: RiskEvent) -> str:
        return cells.money(row.amount, row.asset)

    amount_shown.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("findings"))
    def what_was_found(self, row: RiskEvent) -> str:
        """The severest in full, the others by their number."""
        found = sorted(row.found(), key=lambda finding: list(Severity).index(finding.severity), reverse=True)
        if not found:
            return cells.NOTHING
        more = len(found) - 1
        others = ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more} if more else ""
        return f"{found[0].text()} {others}".strip()

    @admin.display(description=gettext_lazy("request"))
    def request_shown(self, row: RiskEvent) -> str:
        if not row.subject_kind:
            return cells.NOTHING
        return code(f"{row.subject_kind} {row.subject_id}")

    @admin.display(description=gettext_lazy("policy"))
    def version(self, row: RiskEvent) -> str:
        return code(f"v{row.policy_id}")


def severity_badge(severity: Severity) -> str:
    return cells.badge(severity.label, SEVERITY_TONES[severity])


def device_cell(device_id: str) -> str:
    return code(device_id) if device_id else cells.NOTHING


def code(text: str) -> str:
    return format_html('<span class="code">{}</span>', text)
