"""Risk on the dashboard."""

from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import COMPANY, Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import asked_period
from risk.admin.area import member
from risk.admin.events import TONES
from risk.models import RiskEvent
from risk.rights import VIEW_RISK
from risk.severities import Decision

LINES: Final = 5
SHOWN: Final = (Decision.BLOCK, Decision.REVIEW, Decision.ALLOW)


@dashboard_card(part=COMPANY, place=70, right=VIEW_RISK)
def risk(request: HttpRequest) -> Card:
    period, url = asked_period(request), reverse("admin:risk_riskevent_changelist")
    events = RiskEvent.objects.filter(period.moments("decided_at"))
    striking = events.exclude(decision=Decision.ALLOW).select_related("user").order_by("-id")
    return Card(
        title=_("Risk"),
        url=period.narrows(f"{url}?tab=all"),
        figures=[
            Figure(
                decision.label,
                url=period.narrows(f"{url}?tab={decision}"),
                tone=TONES[decision],
                rows=events.filter(decision=decision),
            )
            for decision in SHOWN
        ],
        lines=[line(event) for event in striking[:LINES]],
        empty=_("Nothing struck in these days."),
    )


def line(event: RiskEvent) -> Line:
    badge = cells.badge(event.get_decision_display(), TONES[Decision(event.decision)])
    asked = cells.money(event.amount.normalize(), event.asset)
    return Line(
        format_html("{} {}", member(event.user), asked),
        format_html("{} {}", badge, cells.short_moment(event.decided_at)),
        reverse("admin:risk_riskevent_change", args=[event.pk]),
    )
