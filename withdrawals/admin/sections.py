"""The page of one request: what will be sent, why it may be risky, who agreed, and whom it is for."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aeghash.core import clock
from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.failures import failure_in_words
from aeghash.core.admin.kit.screens import Section
from organization.models import Member
from wallets.models import Balance, Debt
from withdrawals.admin.attempts import attempts_shown
from withdrawals.admin.columns import (
    findings_of,
    member_name,
    member_number,
    row_link,
    severity_badge,
    status_badge,
)
from withdrawals.admin.texts import address_in_groups, plainly
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.resolve_withdrawal import RESOLUTIONS
from withdrawals.queries.desk import (
    book_entry,
    current_approvals,
    latest_of,
    paid_there_before,
    pays_to_the_house,
    waiting_resolution,
)
from withdrawals.rights import VIEW_BALANCES

Facts = list[tuple[Any, Any]]


def sections(row: Withdrawal) -> Sequence[Section]:
    found = (decision_waiting(row), payment(row), risk(row), approvals(row), attempts(row), request(row))
    return [section for section in found if section is not None]


def payment(row: Withdrawal) -> Section:
    paid_as, unit = str(row.paid_as), str(row.asset_id)  # type: ignore[attr-defined]
    facts: Facts = [
        (_("Amount paid"), format_html("<strong>{}</strong>", cells.money(row.amount.normalize(), paid_as))),
        (_("To"), address_in_groups(row.address) if row.address else _("no address given")),
        (_("Channel"), row.get_channel_display()),
    ]
    if paid_as != unit:
        facts.append((_("Asked for as"), cells.money(row.amount.normalize(), unit)))
    if row.fee:
        facts.append((_("Fee on top"), cells.money(row.fee.normalize(), unit)))
    facts += [(_("Held of the balance"), cells.money((row.amount + row.fee).normalize(), unit)), *address_facts(row)]
    if row.remote_id:
        facts.append((_("Number at the remote"), plainly(row.remote_id, 120)))
    if row.forwarding_txid:
        facts.append((_("Transaction of the exchange"), plainly(row.forwarding_txid, 120)))
    return Section(_("Exactly what will be sent"), facts, note=how_it_goes(row))


def how_it_goes(row: Withdrawal) -> str:
    if not pays_to_the_house(row):
        return _("MBlock pays it to this address.")
    if row.address:
        return _("HashDam pays the company's account at the exchange; from there people forward it to this address.")
    return _("HashDam pays the company's account at the exchange, and that ends it: no address was given.")


def address_facts(row: Withdrawal) -> Facts:
    """What speaks for the address, and what against it."""
    if not row.address:
        return []
    entry, used = book_entry(row), paid_there_before(row)
    others = cells.badge(str(used["others"]), "bad" if used["others"] else "")
    return [
        (_("In the member's book"), in_the_book(entry)),
        (_("Paid there before"), used["own"] or cells.badge(_("never"), "warn")),
        (_("Other members with this address"), others),
    ]


def in_the_book(entry: Any) -> str:
    if entry is None:
        return cells.badge(_("no"), "bad")
    if entry.deleted_at is not None:
        return format_html("{} {}", cells.badge(_("removed"), "bad"), cells.moment(entry.deleted_at))
    usable = cells.badge(_("usable"), "ok") if entry.usable_from <= clock.now() else cells.badge(_("not yet"), "warn")
    return format_html("{} {} {}", usable, cells.moment(entry.usable_from), plainly(entry.label) if entry.label else "")


def risk(row: Withdrawal) -> Section:
    lines = [
        {
            "severity": severity_badge(finding),
            "text": plainly(finding.text(), 400),
            "found": plainly(finding.found, 80),
            "limit": plainly(finding.limit, 80),
        }
        for finding in findings_of(row)
    ]
    note = "" if lines else _("No rule has found anything.")
    html = render_to_string("admin/withdrawals/findings.html", {"lines": lines}) if lines else ""
    return Section(_("Why it is risky"), html=html, note=note)


def approvals(row: Withdrawal) -> Section:
    given = current_approvals(row)
    facts: Facts = [
        (
            _("Approval %(stage)s") % {"stage": approval.stage},
            format_html(
                "{} · {} {} · {} {}",
                cells.person(approval.approver), cells.moment(approval.approved_at),
                format_html("“{}”", plainly(approval.notes, 300)) if approval.notes else "",
                _("good until"), cells.until(approval.expires_at),
            ),
        )
        for approval in given
    ]  # fmt: skip
    void = len(row.approvals.all()) - len(given)
    if void:
        facts.append((_("Void"), ngettext("%(count)s approval", "%(count)s approvals", void) % {"count": void}))
    note = _("%(given)s of %(needed)s approvals.") % {"given": len(given), "needed": row.approvals_needed}
    return Section(_("Approvals"), facts, note=note)


def attempts(row: Withdrawal) -> Section | None:
    html = attempts_shown(row)
    return Section(_("Calls to the remote"), html=html) if html else None


def decision_waiting(row: Withdrawal) -> Section | None:
    """Two people decide what no machine may: the first one's word, and the way for the second."""
    if row.status != Status.MANUAL_REVIEW:
        return None
    steps = _(
        "1. Look at the remote's own pages for this amount and time. 2. One person proposes what the evidence says: it was "
        "submitted, send it again, or give the money back. 3. Another person checks the same evidence and agrees."
    )
    proposal = waiting_resolution(row)
    if proposal is None:
        return Section(_("Two people decide"), [(_("Proposed"), _("nothing yet"))], note=steps)
    url = reverse("admin:core_proposal_change", args=[proposal.pk])
    facts: Facts = [
        (_("Proposed"), format_html("<strong>{}</strong>", RESOLUTIONS[proposal.content["resolution"]])),
        (_("Proposed by"), cells.person(proposal.proposed_by)),
        (_("Reason"), plainly(proposal.reason, 500)),
        (_("Expires"), cells.until(proposal.expires_at)),
        (_("The second person"), format_html('<a class="button" href="{}">{}</a>', url, _("Look at it and agree"))),
    ]
    if proposal.content["remote_id"]:
        facts.insert(1, (_("Number at the remote"), plainly(proposal.content["remote_id"], 120)))
    return Section(_("Two people decide"), facts, note=steps)


def request(row: Withdrawal) -> Section:
    facts: Facts = [
        (_("Requested"), cells.moment(row.requested_at)),
        (_("In this status since"), cells.moment(row.moved_at)),
        (_("Asked through"), plainly(row.source)),
        (_("Filed by"), cells.person(row.requested_by)),
        (_("Reference of the partner"), plainly(row.reference_id, 120)),
        (_("IP address"), cells.text(row.ip) if viewer.sees_personal_data() else cells.NOTHING),
        (_("Device"), plainly(row.device_id, 120) if viewer.sees_personal_data() else cells.NOTHING),
        (_("Reason"), plainly(failure_in_words(row.reason), 500)),
        (_("Version"), row.version),
        (_("Digest"), format_html("<code>{}</code>", row.digest)),
    ]
    if row.retry_of_id is not None:
        facts.append((_("Again for"), format_html('<a href="../{}/">#{}</a>', row.retry_of_id, row.retry_of_id)))
    again = Withdrawal.objects.filter(retry_of=row).first()
    if again is not None:
        facts.append((_("Asked again as"), row_link(again)))
    return Section(_("The request"), [fact for fact in facts if fact[1] != cells.NOTHING])


def member(row: Withdrawal) -> dict[str, Any]:
    """Beside the request: who it is, what they have, and what they asked for before."""
    return {
        "facts": member_facts(row),
        "balances": balances(row) if viewer.may(VIEW_BALANCES) else [],
        "history": [
            {
                "link": row_link(other),
                "amount": cells.money(other.amount.normalize(), str(other.asset_id)),
                "status": status_badge(other),
                "when": cells.short_moment(other.requested_at),
            }
            for other in latest_of(row)
        ],
    }


def member_facts(row: Withdrawal) -> Facts:
    membership = Member.objects.filter(pk=row.user_id).first()
    name = member_name(row.user)
    if membership is not None:
        url = reverse("admin:organization_member_change", args=[membership.pk])
        name = format_html('<a href="{}">{}</a>', url, name)
    known_for = cells.age(row.user.created_at)
    facts: Facts = [
        (_("Name"), name),
        (_("Member number"), plainly(member_number(row.user))),
        (_("Account since"), format_html("{} ({})", cells.moment(row.user.created_at), known_for)),
        (_("Account"), cells.badge(_("active"), "ok") if row.user.is_active else cells.badge(_("not active"), "bad")),
    ]
    return facts if membership is None else [*facts, (_("Rank"), membership.rank)]


def balances(row: Withdrawal) -> list[dict[str, Any]]:
    owed = dict(Debt.objects.filter(user=row.user_id, amount__gt=0).values_list("asset_id", "amount"))
    found = Balance.objects.filter(user=row.user_id).order_by("asset_id")
    return [
        {
            "asset": balance.asset_id,
            "is_asked": balance.asset_id == row.asset_id,
            "amount": cells.money(balance.amount.normalize()),
            "locked": cells.money(balance.locked_amount.normalize()),
            "available": cells.money(balance.available_amount.normalize()),
            "owed": cells.money(owed[balance.asset_id].normalize()) if balance.asset_id in owed else "",
        }
        for balance in found
    ]
