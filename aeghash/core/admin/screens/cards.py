"""The core's own cards of the dashboard."""

from datetime import timedelta
from typing import Any, Final

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aeghash.core import acts, clock, rights
from aeghash.core.admin.dashboard import Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import bar_chart
from aeghash.core.admin.kit.counting import bounded_counts
from aeghash.core.admin.kit.time_line import who, with_names
from aeghash.core.admin.kit.verbs import verb_label
from aeghash.core.admin.screens import jobs as job_screen
from aeghash.core.admin.screens.alerts import OPEN
from aeghash.core.admin.screens.proposals import WAITING, is_entitled, label_of
from aeghash.core.models import Alert, AuditRow, AuditSeal, Job, JobState, LogIn, Proposal, Severity

LINES: Final = 5
HOURS: Final = 24
MOST_COUNTED: Final = 10_000


@dashboard_card(place=10, right=rights.VIEW_OWN_AUDIT)
def proposals(request: HttpRequest) -> Card:
    kinds = [act.kind for act in acts.declared() if is_entitled(request.user, act)]
    rows = Proposal.objects.filter(WAITING, kind__in=kinds, expires_at__gt=clock.now()).select_related("proposed_by")
    return Card(
        title=_("Waiting for a second person"),
        url=reverse("admin:core_proposal_changelist"),
        lines=[
            Line(
                f"{label_of(row)} #{row.pk}",
                cells.person(row.proposed_by),
                reverse("admin:core_proposal_change", args=[row.pk]),
            )
            for row in rows.order_by("expires_at")[:LINES]
        ],
        empty=_("Nothing waits. Acts that take two people appear here."),
    )


@dashboard_card(place=20, right=rights.VIEW_JOBS)
def alerts(_request: HttpRequest) -> Card:
    url = reverse("admin:core_alert_changelist")
    counts = bounded_counts(
        {severity: Alert.objects.filter(OPEN, severity=severity) for severity in Severity.values}, MOST_COUNTED
    )
    newest = Alert.objects.filter(OPEN).order_by("-last_seen_at")[:LINES]
    return Card(
        title=_("Alerts"),
        url=url,
        figures=[
            Figure(_("Critical"), counts[Severity.CRITICAL], url, "bad" if counts[Severity.CRITICAL] else ""),
            Figure(_("Warnings"), counts[Severity.WARNING], url, "warn" if counts[Severity.WARNING] else ""),
        ],
        lines=[
            Line(
                alert.sentence,
                cells.short_moment(alert.last_seen_at),
                reverse("admin:core_alert_change", args=[alert.pk]),
            )
            for alert in newest
        ],
        empty=_("No open alerts."),
    )


@dashboard_card(place=30, right=rights.VIEW_JOBS)
def jobs(_request: HttpRequest) -> Card:
    url = reverse("admin:core_job_changelist")
    counts = bounded_counts(
        {
            "dead": Job.objects.filter(job_screen.DEAD),
            "retrying": Job.objects.filter(job_screen.RETRYING),
            "overdue": Job.objects.filter(state=JobState.QUEUED, due_at__lt=clock.now() - timedelta(minutes=1)),
        },
        MOST_COUNTED,
    )
    return Card(
        title=_("Jobs"),
        url=url,
        figures=[
            Figure(_("Failed"), counts["dead"], f"{url}?tab=dead", "bad" if counts["dead"] else "ok"),
            Figure(
                _("Waiting for the next attempt"),
                counts["retrying"],
                f"{url}?tab=retrying",
                "warn" if counts["retrying"] else "",
            ),
            Figure(
                _("Overdue by a minute"), counts["overdue"], f"{url}?tab=queued", "warn" if counts["overdue"] else ""
            ),
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


@dashboard_card(place=40, right=rights.VIEW_AUDIT)
def log_ins(_request: HttpRequest) -> Card:
    counts = bounded_counts({"active": LogIn.objects.active(), "locked": locked_out()}, MOST_COUNTED)
    newest = LogIn.objects.select_related("user").order_by("-began_at", "-id")[:LINES]
    return Card(
        title=_("Staff log-ins"),
        figures=[
            Figure(_("Active"), counts["active"]),
            Figure(_("Locked out"), counts["locked"], tone="warn" if counts["locked"] else ""),
        ],
        lines=[
            Line(f"{cells.person(log_in.user)} · {log_in}", cells.short_moment(log_in.began_at)) for log_in in newest
        ],
        empty=_("Nobody has logged in yet."),
    )


def locked_out() -> QuerySet[Any]:
    since = clock.now() - settings.AXES_COOLOFF_TIME
    attempts: QuerySet[Any] = AccessAttempt.objects.filter(attempt_time__gt=since)
    return attempts.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT)


@dashboard_card(place=50, right=rights.VIEW_AUDIT)
def audit(_request: HttpRequest) -> Card:
    last = AuditSeal.objects.order_by("number").last()
    newest = with_names(AuditRow.objects.defer("canonical").order_by("-id")[:LINES])
    return Card(
        title=_("Audit trail"),
        url=reverse("admin:core_auditrow_changelist"),
        figures=[Figure(_("Sealed up to number"), last.number if last else 0)],
        lines=[
            Line(verb_label(row.verb), who(row), reverse("admin:core_auditrow_change", args=[row.pk])) for row in newest
        ],
        empty=_("Nothing recorded yet."),
    )
