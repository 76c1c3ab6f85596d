"""What a person must know of."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.screens.areas import OVERSIGHT
from aeghash.core.models import Alert, AlertState, Severity, User
from aeghash.core.operations.acknowledge_alert import AlreadyAcknowledged, acknowledge_alert

TONES = {Severity.INFO: "info", Severity.WARNING: "warn", Severity.CRITICAL: "bad"}
OPEN = Q(state=AlertState.OPEN)


def acknowledge(alert: Alert, by: User, _given: Given) -> object:
    return acknowledge_alert(alert_id=alert.pk, by=by)


def shown(alert: Alert) -> dict[Any, Any]:
    return {_("Severity"): alert.get_severity_display(), _("Times"): alert.count}


def foreseen(alert: Alert) -> AlreadyAcknowledged | None:
    if alert.state == AlertState.OPEN:
        return None
    return AlreadyAcknowledged(by=cells.person(alert.acknowledged_by))


ACKNOWLEDGE = RowAct[Alert](
    name="acknowledge",
    label=gettext_lazy("Acknowledge"),
    explains=gettext_lazy("You have seen it and see to it. If it happens again, that is a new alert."),
    done=gettext_lazy("Acknowledged."),
    carry_out=acknowledge,
    right=rights.WORK_JOBS,
    describes=shown,
    refuses=foreseen,
    offered=lambda alert, _user: alert.state == AlertState.OPEN,
    tone="primary",
)


@admin.register(Alert)
class AlertScreen(Screen[Alert]):
    area = OVERSIGHT
    place = 20
    may_view = rights.VIEW_JOBS
    empty_title = gettext_lazy("No alerts")
    empty_text = gettext_lazy("What needs a person's eye is listed here and told to the alert channel.")
    tabs = (
        Tab("open", gettext_lazy("Open"), OPEN),
        Tab("acknowledged", gettext_lazy("Acknowledged"), ~OPEN, is_counted=False),
    )
    filters = ("severity",)
    row_acts = (ACKNOWLEDGE,)
    export = {
        gettext_lazy("Severity"): lambda alert: alert.get_severity_display(),
        gettext_lazy("What happened"): lambda alert: alert.sentence,
        gettext_lazy("Times"): lambda alert: alert.count,
        gettext_lazy("First seen"): lambda alert: alert.first_seen_at,
        gettext_lazy("Last seen"): lambda alert: alert.last_seen_at,
        gettext_lazy("Acknowledged by"): lambda alert: cells.person(alert.acknowledged_by),
    }
    list_display = ("sentence", "severity_badge", "times", "first_seen", "last_seen", "seen_by")
    list_select_related = ("acknowledged_by",)
    search_fields = ("sentence__icontains", "key__startswith")
    ordering = ("-last_seen_at", "-id")
    sortable_by = ()

    def waiting(self) -> QuerySet[Alert]:
        return Alert.objects.filter(OPEN)

    def badge_of(self, row: Alert) -> str:
        return self.severity_badge(row)

    def sections(self, row: Alert) -> Sequence[Section]:
        facts = [
            (_("Status"), row.get_state_display()),
            (_("Times"), row.count),
            (_("First seen"), cells.moment(row.first_seen_at)),
            (_("Last seen"), cells.moment(row.last_seen_at)),
            (_("Sent to the alert channel"), cells.moment(row.told_at)),
            (_("Acknowledged by"), cells.person(row.acknowledged_by)),
            (_("Acknowledged"), cells.moment(row.acknowledged_at)),
        ]
        details = _("Details")
        html = render_to_string("admin/kit/data.html", {"value": row.details or None, "label": details})
        return (Section(_("Alert"), facts), Section(details, html=html))

    @admin.display(description=gettext_lazy("severity"))
    def severity_badge(self, row: Alert) -> str:
        return cells.badge(row.get_severity_display(), TONES.get(Severity(row.severity), ""))

    @admin.display(description=gettext_lazy("times"))
    def times(self, row: Alert) -> int:
        return row.count

    times.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("first seen"))
    def first_seen(self, row: Alert) -> str:
        return cells.moment(row.first_seen_at)

    @admin.display(description=gettext_lazy("last seen"))
    def last_seen(self, row: Alert) -> str:
        return cells.moment(row.last_seen_at)

    @admin.display(description=gettext_lazy("acknowledged by"))
    def seen_by(self, row: Alert) -> str:
        return cells.person(row.acknowledged_by)
