"""The core's own part of the dashboard."""

from datetime import timedelta
from typing import Final

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aeghash.core import acts, clock, rights
from aeghash.core.admin.dashboard import HOUSE, QUEUES, YOURS, Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import bar_chart
from aeghash.core.admin.kit.time_line import who, with_names
from aeghash.core.admin.kit.verbs import verb_label
from aeghash.core.admin.screens.alerts import OPEN
from aeghash.core.admin.screens.jobs import DEAD, OVERDUE, RETRYING
from aeghash.core.admin.screens.proposals import WAITING, is_entitled
from aeghash.core.models import Alert, AuditRow, AuditSeal, Job, JobState, LogIn, Proposal, Severity

LINES: Final = 5
HOURS: Final = 24


@dashboard_card(part=QUEUES, place=30, right=rights.VIEW_OWN_AUDIT)
def proposals(request: HttpRequest) -> Card:
    kinds = [act.kind for act in acts.declared() if is_entitled(request.user, act)]
    rows = Proposal.objects.filter(WAITING, kind__in=kinds)
    url = f"{reverse('admin:core_proposal_changelist')}?tab=waiting"
    label = _("Acts for a second person")
    return Card(title=label, figures=[Figure(label, url=url, tone="warn", rows=rows, since="proposed_at")])


@dashboard_card(part=QUEUES, place=80, right=rights.VIEW_JOBS)
def stuck(_request: HttpRequest) -> Card:
    url = reverse("admin:core_job_changelist")
    dead, overdue = Job.objects.filter(DEAD), Job.objects.filter(OVERDUE)
    return Card(
        title=_("Jobs"),
        figures=[
            Figure(_("Failed jobs"), url=f"{url}?tab=dead", tone="bad", rows=dead, since="finished_at"),
            Figure(_("Overdue jobs"), url=f"{url}?tab=overdue", tone="warn", rows=overdue, since="due_at"),
        ],
    )


@dashboard_card(part=YOURS, place=20, right=rights.VIEW_JOBS)
def alerts(_request: HttpRequest) -> Card:
    url = f"{reverse('admin:core_alert_changelist')}?tab=open"
    opened = Alert.objects.filter(OPEN)
    return Card(
        title=_("Alerts"),
        url=url,
        figures=[
            of_severity(_("Critical"), Severity.CRITICAL, url, "bad"),
            of_severity(_("Warnings"), Severity.WARNING, url, "warn"),
        ],
        lines=[
            Line(
                alert.sentence,
                cells.short_moment(alert.last_seen_at),
                reverse("admin:core_alert_change", args=[alert.pk]),
            )
            for alert in opened.order_by("-last_seen_at")[:LINES]
        ],
        empty=_("No open alerts."),
    )


def of_severity(label: str, severity: Severity, url: str, tone: str) -> Figure:
    rows = Alert.objects.filter(OPEN, severity=severity)
    return Figure(label, url=f"{url}&severity__exact={severity}", tone=tone, rows=rows, since="first_seen_at")


@dashboard_card(part=HOUSE, place=30, right=rights.VIEW_JOBS)
def jobs(_request: HttpRequest) -> Card:
    url = reverse("admin:core_job_changelist")
    queued, retrying = Job.objects.filter(state=JobState.QUEUED, attempts=0), Job.objects.filter(RETRYING)
    return Card(
        title=_("Jobs"),
        url=url,
        figures=[
            Figure(_("Queued"), url=f"{url}?tab=queued", rows=queued),
            Figure(_("Waiting for the next attempt"), url=f"{url}?tab=retrying", tone="warn", rows=retrying),
        ],
        chart=finished_per_hour(),
    )


def finished_per_hour() -> str:
    hours = [
        (timezone.localtime(clock.now()) - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0)
        for back in range(HOURS - 1, -1, -1)
    ]
    finished = Job.objects.filter(state__in=(JobState.DONE, JobState.GIVEN_UP), finished_at__gte=hours[0])
    counted = dict(
        finished.annotate(hour=TruncHour("finished_at"))
        .values("hour")
        .annotate(jobs=Count("pk"))
        .values_list("hour", "jobs")
    )
    values = [counted.get(hour, 0) for hour in hours]
    return bar_chart(_("Jobs finished per hour"), [f"{hour:%H:00}" for hour in hours], {_("Jobs"): values})


@dashboard_card(part=HOUSE, place=40, right=rights.VIEW_AUDIT)
def log_ins(_request: HttpRequest) -> Card:
    newest = LogIn.objects.select_related("user").order_by("-began_at", "-id")[:LINES]
    return Card(
        title=_("Staff log-ins"),
        lines=[
            Line(f"{cells.person(log_in.user)} · {log_in}", cells.short_moment(log_in.began_at)) for log_in in newest
        ],
        empty=_("Nobody has logged in yet."),
    )


@dashboard_card(part=HOUSE, place=50, right=rights.VIEW_AUDIT)
def audit(_request: HttpRequest) -> Card:
    url = reverse("admin:core_auditrow_changelist")
    last = AuditSeal.objects.order_by("number").last()
    newest = with_names(AuditRow.objects.defer("canonical").order_by("-id")[:LINES])
    return Card(
        title=_("Audit trail"),
        url=url,
        figures=[Figure(_("Sealed up to number"), f"{last.number:,}" if last else "0", url)],
        lines=[
            Line(verb_label(row.verb), who(row), reverse("admin:core_auditrow_change", args=[row.pk])) for row in newest
        ],
        empty=_("Nothing recorded yet."),
    )
