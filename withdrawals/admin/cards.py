"""Withdrawals on the first page: whose turn it is, what waits since when, and what was paid."""

from typing import Final

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aeghash.core.admin.dashboard import COMPANY, QUEUES, YOURS, Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.act_pages import person_of
from aeghash.core.admin.kit.periods import asked_period
from withdrawals.admin import columns
from withdrawals.admin.queue import TABS
from withdrawals.models import Status, Withdrawal
from withdrawals.queries.desk import on_the_desk, waiting_for
from withdrawals.rights import APPROVE, VIEW

LINES: Final = 5
# The queues in the order of the work, and how bad it is that one isn't empty.
TONES: Final = {
    "flagged": "warn",
    "first": "warn",
    "second": "warn",
    "forwarding": "warn",
    "under-way": "info",
    "retrying": "warn",
    "unknown": "bad",
    "manual-review": "bad",
}


@dashboard_card(part=QUEUES, place=10, right=VIEW)
def queues(_request: HttpRequest) -> Card:
    tabs = {tab.name: tab for tab in TABS}
    return Card(
        title=_("Withdrawals"),
        figures=[
            Figure(
                tabs[name].label,
                url=of_tab(name),
                tone=tone,
                rows=Withdrawal.objects.filter(tabs[name].where),
                since="moved_at",
            )
            for name, tone in TONES.items()
        ],
    )


@dashboard_card(part=YOURS, place=10, right=APPROVE)
def mine(request: HttpRequest) -> Card:
    rows = on_the_desk(waiting_for(person_of(request)), person_of(request).pk)
    return Card(
        title=_("Waiting for your approval"),
        url=of_tab("first"),
        lines=[line(row) for row in rows[:LINES]],
        empty=_("Nothing waits for you."),
    )


def line(row: Withdrawal) -> Line:
    text = format_html("#{} {} {}", row.pk, columns.asked_for(row), columns.looker(row))
    flag = cells.badge(_("flagged"), "warn") if row.is_flagged else ""
    return Line(text, format_html("{} {}", flag, columns.age(row)), columns.row_url(row))


@dashboard_card(part=COMPANY, place=40, right=VIEW)
def payouts(request: HttpRequest) -> Card:
    """Of what was asked for in the period."""
    period = asked_period(request)
    asked = Withdrawal.objects.filter(period.moments("requested_at"))
    paid, failed = asked.filter(status=Status.COMPLETED), asked.filter(status=Status.FAILED)
    sums = paid.order_by("asset").values_list("asset").annotate(Sum("amount"), Count("pk"))
    return Card(
        title=_("Payouts"),
        url=period.narrows(of_tab("all")),
        figures=[
            Figure(_("Requests"), url=period.narrows(of_tab("all")), rows=asked),
            Figure(_("Paid out"), url=period.narrows(of_tab("paid")), rows=paid),
            Figure(_("Failed"), url=period.narrows(of_tab("failed")), tone="bad", rows=failed),
        ],
        lines=[
            Line(
                cells.money(amount.normalize(), asset),
                ngettext("%(count)s payout", "%(count)s payouts", count) % {"count": count},
                period.narrows(f"{of_tab('paid')}&asset={asset}"),
            )
            for asset, amount, count in sums
        ],
        empty=_("Nothing of it has been paid yet."),
    )


def of_tab(name: str) -> str:
    return f"{reverse('admin:withdrawals_withdrawal_changelist')}?tab={name}"
