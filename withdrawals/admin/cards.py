"""What waits, on the first page after the log-in: for this person first."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.act_pages import person_of
from aeghash.core.admin.kit.counting import bounded_counts
from withdrawals.admin import columns
from withdrawals.admin.queue import TABS
from withdrawals.models import Withdrawal
from withdrawals.queries.desk import on_the_desk, waiting_for
from withdrawals.rights import APPROVE, VIEW

LINES: Final = 5
MOST: Final = 1000
SHOWN: Final = {"first": "", "second": "", "unknown": "bad", "manual-review": "bad", "forwarding": "warn"}


@dashboard_card(place=1, right=APPROVE)
def mine(request: HttpRequest) -> Card:
    rows = on_the_desk(waiting_for(person_of(request)), person_of(request).pk)
    counts = bounded_counts({"mine": rows}, MOST)
    return Card(
        title=_("Waiting for your approval"),
        url=f"{desk_url()}?tab=first",
        figures=[Figure(_("Withdrawals"), counts["mine"], tone="warn" if counts["mine"] else "ok")],
        lines=[line(row) for row in rows[:LINES]],
        empty="" if counts["mine"] else _("Nothing waits for you."),
    )


@dashboard_card(place=2, right=VIEW)
def queue(_request: HttpRequest) -> Card:
    tabs = {tab.name: tab for tab in TABS if tab.name in SHOWN}
    where: dict[str, QuerySet[Any]] = {name: Withdrawal.objects.filter(tab.where) for name, tab in tabs.items()}
    counts = bounded_counts(where, MOST)
    return Card(
        title=_("Withdrawals"),
        url=desk_url(),
        figures=[
            Figure(tab.label, counts[name], f"{desk_url()}?tab={name}", SHOWN[name] if counts[name] else "")
            for name, tab in tabs.items()
        ],
    )


def line(row: Withdrawal) -> Line:
    text = format_html("#{} {} {}", row.pk, columns.asked_for(row), columns.looker(row))
    return Line(
        text,
        format_html("{} {}", cells.badge(_("flagged"), "warn") if row.is_flagged else "", columns.age(row)),
        columns.row_url(row),
    )


def desk_url() -> str:
    return reverse("admin:withdrawals_withdrawal_changelist")
