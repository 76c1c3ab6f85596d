"""A request in a few words, as it stands in lists and beside others."""

from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.audit.masking import masked_text, partly_masked
from aeghash.core.models import User
from risk.findings import Finding
from risk.severities import Severity
from withdrawals.admin.texts import plainly
from withdrawals.models import Status, Withdrawal
from withdrawals.queries.desk import current_approvals, looked_at_by

TONES: Final = {
    Status.PENDING: "info",
    Status.APPROVED_PENDING: "info",
    Status.RETRYING: "warn",
    Status.UNKNOWN: "bad",
    Status.MANUAL_REVIEW: "bad",
    Status.FORWARDING: "warn",
    Status.COMPLETED: "ok",
    Status.FAILED: "bad",
}
SEVERITY_TONES: Final = {Severity.INFO: "", Severity.REVIEW: "warn", Severity.BLOCK: "bad"}
NAME: Final = 30
LONGEST: Final = 90


def row_url(row: Withdrawal | int) -> str:
    return reverse("admin:withdrawals_withdrawal_change", args=[row if isinstance(row, int) else row.pk])


def row_link(row: Withdrawal) -> str:
    return format_html('<a href="{}">#{}</a>', row_url(row), row.pk)


def status_badge(row: Withdrawal) -> str:
    return cells.badge(row.get_status_display(), TONES.get(Status(row.status), ""))


def member_name(user: User) -> str:
    """The name, or the number the partner gave, which is often an e-mail."""
    return plainly(user.name or member_number(user), NAME)


def member_number(user: User) -> str:
    text = user.uid or user.email
    return text if viewer.sees_personal_data() else masked_text(text)


def address_text(row: Withdrawal) -> str:
    text = row.address or ""
    return text if viewer.sees_personal_data() else partly_masked(text)


def asked_for(row: Withdrawal) -> str:
    amount = cells.money(row.amount.normalize(), str(row.asset_id))
    paid_as = str(row.paid_as)  # type: ignore[attr-defined]
    if paid_as == row.asset_id:
        return amount
    return format_html('{} <span class="muted nowrap">→ {}</span>', amount, paid_as)


def findings_of(row: Withdrawal) -> list[Finding]:
    """The worst first."""
    order = list(Severity)
    found = [Finding.from_json(json) for json in row.findings]
    return sorted(found, key=lambda finding: -order.index(finding.severity))


def risk_in_short(row: Withdrawal) -> str:
    found = findings_of(row)
    if not found:
        return cells.badge(_("nothing found"), "ok")
    others = len(found) - 1
    more = ngettext("and %(count)s more", "and %(count)s more", others) % {"count": others} if others else ""
    why = plainly(found[0].text(), LONGEST)
    return format_html('{} {} <span class="muted nowrap">{}</span>', severity_badge(found[0]), why, more)


def severity_badge(finding: Finding) -> str:
    return cells.badge(finding.severity.label, SEVERITY_TONES[finding.severity])


def who_approved(row: Withdrawal) -> str:
    given = current_approvals(row)
    names = ", ".join(cells.person(approval.approver) for approval in given)
    return format_html("{}/{} {}", len(given), row.approvals_needed, names)


def looker(row: Withdrawal) -> str:
    """Nothing, you, or the colleague whose turn it is."""
    claim = looked_at_by(row)
    if claim is None:
        return ""
    if claim.by_id == row.viewer_id:  # type: ignore[attr-defined]
        return cells.badge(_("you are looking"), "info")
    return cells.badge(_("being looked at by %(name)s") % {"name": cells.person(claim.by)}, "warn")


def age(row: Withdrawal) -> str:
    return format_html('<span class="nowrap">{}</span>', cells.age(row.requested_at))


def plain_findings(row: Any) -> str:
    return " / ".join(finding.text() for finding in findings_of(row))
