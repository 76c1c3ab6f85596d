"""The organisation's card of the first page: the top member's figures are everybody's."""

from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import Card, Figure, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import Series, bar_chart
from organization.models import Member
from organization.queries.kpis import daily_figures
from organization.rights import VIEW_ORGANIZATION

DAYS: Final = 14


@dashboard_card(place=5, right=VIEW_ORGANIZATION)
def organization(_request: HttpRequest) -> Card:
    """Of what the roll-up keeps, some rows of one member: counting orders and members would read them all."""
    title, url = _("Organisation"), reverse("admin:organization_member_changelist")
    top = Member.objects.filter(sponsor=None).first()
    if top is None:
        return Card(title=title, url=url, empty=_("Nobody has joined yet."))
    days = daily_figures(member=top, days=DAYS)
    *_before, today = days.values()
    volumes: Series = {_("Group volume"): [figures.group for figures in days.values()]}
    return Card(
        title=title,
        url=url,
        figures=[
            Figure(_("Joined today"), f"{today.new_members:,}", url),
            Figure(_("PV today"), cells.grouped(today.group), reverse("admin:organization_order_changelist")),
        ],
        chart=bar_chart(_("Group volume per day"), [f"{day:%m-%d}" for day in days], volumes),
    )
