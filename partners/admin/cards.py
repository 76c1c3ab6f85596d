"""Partners on the dashboard."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import HOUSE, QUEUES, Card, Figure, dashboard_card
from aeghash.core.admin.kit.periods import asked_period
from partners.models import Call, InboundEvent
from partners.operations.keep_event import OPEN
from partners.rights import MANAGE_PARTNERS


@dashboard_card(part=QUEUES, place=70, right=MANAGE_PARTNERS)
def kept(_request: HttpRequest) -> Card:
    label, url = _("Partners' calls kept"), f"{reverse('admin:partners_inboundevent_changelist')}?tab=open"
    rows = InboundEvent.objects.filter(state__in=OPEN)
    return Card(title=label, figures=[Figure(label, url=url, tone="warn", rows=rows, since="created_at")])


@dashboard_card(part=HOUSE, place=20, right=MANAGE_PARTNERS)
def calls(request: HttpRequest) -> Card:
    period, url = asked_period(request), reverse("admin:partners_call_changelist")
    rows = Call.objects.filter(period.moments("at"))
    return Card(
        title=_("Partners' calls"),
        url=period.narrows(url),
        figures=[
            Figure(_("Calls"), url=period.narrows(url), rows=rows),
            Figure(_("Refused"), url=period.narrows(f"{url}?tab=refused"), tone="warn", rows=rows.exclude(code="")),
        ],
    )
