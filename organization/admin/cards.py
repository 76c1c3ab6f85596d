"""The organisation on the first page."""

from typing import Final

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aeghash.core.admin.dashboard import COMPANY, Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import bar_chart
from aeghash.core.admin.kit.periods import asked_period
from organization.admin.names import member_name
from organization.models import Member, Order, Spillover
from organization.queries.kpis import company_volumes
from organization.rights import VIEW_ORGANIZATION

LINES: Final = 5


@dashboard_card(part=COMPANY, place=10, right=VIEW_ORGANIZATION)
def volumes(request: HttpRequest) -> Card:
    """PV out of what the roll-up keeps of the top member: summing the orders would read them all."""
    period = asked_period(request)
    orders, members = reverse("admin:organization_order_changelist"), reverse("admin:organization_member_changelist")
    paid = Order.objects.filter(period.moments("paid_at"))
    joined = Member.objects.filter(period.moments("created_at"))
    days = company_volumes(period.all_days)
    labels = [f"{day:%m-%d}" for day in days]
    return Card(
        title=_("Sales and PV"),
        url=period.narrows(orders),
        figures=[
            Figure(_("PV"), f"{sum(days.values()):,.0f}", period.narrows(orders)),
            Figure(_("Orders"), url=period.narrows(orders), rows=paid),
            Figure(
                _("Refunded"),
                url=period.narrows(f"{orders}?tab=refunded"),
                tone="warn",
                rows=paid.filter(refund__isnull=False),
            ),
            Figure(_("Joined"), url=period.narrows(members), rows=joined),
        ],
        chart=bar_chart(_("PV per day"), labels, {_("PV"): list(days.values())}) if any(days.values()) else "",
    )


@dashboard_card(part=COMPANY, place=50, right=VIEW_ORGANIZATION)
def top_centers(request: HttpRequest) -> Card:
    period, orders = asked_period(request), reverse("admin:organization_order_changelist")
    centers = Member.objects.filter(period.moments("center_orders__paid_at"), center_orders__refund=None)
    best = centers.annotate(pv=Sum("center_orders__pv_amount"), orders_kept=Count("center_orders")).order_by(
        "-pv", "pk"
    )
    return Card(
        title=_("Top centers"),
        url=f"{reverse('admin:organization_member_changelist')}?tab=centers",
        lines=[
            Line(
                member_name(center),
                format_html("{} · {}", cells.money(center.pv.normalize(), "PV"), count_of_orders(center.orders_kept)),
                period.narrows(f"{orders}?tab=kept&center={center.pk}"),
            )
            for center in best.select_related("user")[:LINES]
        ],
        empty=_("Nobody bought in a center."),
    )


def count_of_orders(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": count}


@dashboard_card(part=COMPANY, place=60, right=VIEW_ORGANIZATION)
def spillovers(request: HttpRequest) -> Card:
    period = asked_period(request)
    url = period.narrows(reverse("admin:organization_spillover_changelist"))
    rows = Spillover.objects.filter(period.moments("created_at"))
    return Card(
        title=_("Spillovers"),
        url=url,
        figures=[Figure(_("Placed further down"), url=url, rows=rows)],
        lines=[
            Line(
                format_html("{} ← {}", member_name(row.member), member_name(row.sponsor)),
                ngettext("%(count)s level", "%(count)s levels", row.level) % {"count": row.level},
                reverse("admin:organization_spillover_change", args=[row.pk]),
            )
            for row in rows.select_related("member__user", "sponsor__user").order_by("-pk")[:LINES]
        ],
        empty=_("None in these days."),
    )
