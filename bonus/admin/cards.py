"""Bonus on the dashboard: what was paid, and what is held until a closing."""

from decimal import Decimal
from typing import Final

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import COMPANY, QUEUES, Card, Figure, dashboard_card
from aeghash.core.admin.kit.charts import bar_chart
from aeghash.core.admin.kit.periods import asked_period
from bonus.models import Closing, ClosingMember, ClosingState, CreditState, Entry, EntryState
from bonus.rights import VIEW_BONUS

BARS: Final = 12


@dashboard_card(part=QUEUES, place=40, right=VIEW_BONUS)
def waiting(_request: HttpRequest) -> Card:
    closings = f"{reverse('admin:bonus_closing_changelist')}?status__exact={ClosingState.DRAFT}"
    uncredited = f"{reverse('admin:bonus_closingmember_changelist')}?tab=waiting"
    drafts = Closing.objects.filter(status=ClosingState.DRAFT)
    held_up = ClosingMember.objects.filter(status__in=(CreditState.RETRYING, CreditState.FAILED))
    return Card(
        title=_("Bonus"),
        figures=[
            Figure(_("Closings to confirm"), url=closings, tone="warn", rows=drafts, since="ends_at"),
            Figure(_("Bonus credits held up"), url=uncredited, tone="bad", rows=held_up, since="updated_at"),
        ],
    )


@dashboard_card(part=COMPANY, place=45, right=VIEW_BONUS)
def paid_and_held(request: HttpRequest) -> Card:
    """What closings paid whose periods ended in these days. Bonus of orders not closed yet is held, whatever their age."""
    period = asked_period(request)
    entries = f"{reverse('admin:bonus_entry_changelist')}?tab={EntryState.PENDING}"
    closed = f"{reverse('admin:bonus_closing_changelist')}?status__exact={ClosingState.CLOSED}"
    pending = Entry.objects.filter(status=EntryState.PENDING)
    closings = Closing.objects.filter(status=ClosingState.CLOSED)
    newest = list(closings.order_by("-ends_at").values_list("ends_at", "report")[: max(BARS, period.days + 1)])
    paid = sum((total(report) for ends_at, report in newest if ends_at >= period.begins), Decimal())
    bars = [(f"{timezone.localtime(ends_at):%m-%d}", total(report)) for ends_at, report in newest[:BARS]][::-1]
    held = pending.aggregate(held=Sum("amount", default=Decimal()))["held"]
    return Card(
        title=_("Bonus"),
        url=reverse("admin:bonus_entry_changelist"),
        figures=[
            Figure(_("Paid out (POINT)"), f"{paid:,.2f}", period.narrows(closed)),
            Figure(_("Closings"), url=period.narrows(closed), rows=closings.filter(period.moments("ends_at"))),
            Figure(_("Held (POINT)"), f"{held:,.2f}", entries),
            Figure(_("Bonuses held"), url=entries, rows=pending),
        ],
        chart=bar_chart(_("POINT per closing"), [label for label, _v in bars], {"POINT": [value for _l, value in bars]})
        if bars
        else "",
        empty="" if bars else _("No period has been closed yet."),
    )


def total(report: dict[str, str]) -> Decimal:
    return Decimal(report.get("total", "0"))
