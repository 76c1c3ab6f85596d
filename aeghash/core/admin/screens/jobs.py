"""The retry queue: what failed, why, when it is tried again, and what a person can do about it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.screens.areas import OVERSIGHT
from aeghash.core.audit.masking import masked
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.give_up_job import ABANDONABLE, NotAbandonable, give_up_job
from aeghash.core.operations.retry_job import RETRYABLE, NotRetryable, retry_job

TONES = {JobState.DEAD: "bad", JobState.RUNNING: "info", JobState.DONE: "ok"}
DEAD = Q(state=JobState.DEAD)
RETRYING = Q(state=JobState.QUEUED, attempts__gt=0)
# By the database's clock, as workers claim: a minute late, nobody works them.
OVERDUE = Q(state=JobState.QUEUED, due_at__lt=Now() - timedelta(minutes=1))
SHOWN_OF_REASON = 120


class GiveUpForm(StaffForm):
    reason = reason_field()


def retry(job: Job, by: User, _given: Given) -> object:
    return retry_job(job_id=job.pk, by=by)


def give_up(job: Job, by: User, given: Given) -> object:
    return give_up_job(job_id=job.pk, by=by, reason=given["reason"])


def shown(job: Job) -> dict[Any, Any]:
    return {
        _("Status"): job.get_state_display(),
        _("Attempts"): attempts_of(job),
        _("Last error"): last_line(job.last_error),
    }


def attempts_of(job: Job) -> str:
    return f"{job.attempts} / {job.most_attempts}"


def last_line(error: str) -> str:
    """Of a traceback, what it was."""
    lines = error.strip().splitlines()
    text = lines[-1] if lines else cells.NOTHING
    return f"{text[:SHOWN_OF_REASON]}…" if len(text) > SHOWN_OF_REASON else text


RETRY = RowAct[Job](
    name="retry",
    label=gettext_lazy("Retry now"),
    explains=gettext_lazy("Due at once, with as many attempts again as its kind has."),
    done=gettext_lazy("Due now."),
    carry_out=retry,
    right=rights.WORK_JOBS,
    describes=shown,
    refuses=lambda job: None if job.state in RETRYABLE else NotRetryable(state=job.get_state_display()),
    offered=lambda job, _user: job.state in RETRYABLE,
    tone="primary",
)
GIVE_UP = RowAct[Job](
    name="give-up",
    label=gettext_lazy("Give up"),
    explains=gettext_lazy("Nobody tries it again unless a person retries it. What it was to do stays undone."),
    done=gettext_lazy("Given up."),
    carry_out=give_up,
    right=rights.WORK_JOBS,
    form=GiveUpForm,
    describes=shown,
    refuses=lambda job: None if job.state in ABANDONABLE else NotAbandonable(state=job.get_state_display()),
    offered=lambda job, _user: job.state in ABANDONABLE,
    tone="danger",
)


@admin.register(Job)
class JobScreen(Screen[Job]):
    area = OVERSIGHT
    place = 30
    may_view = rights.VIEW_JOBS
    lead = gettext_lazy("Work that goes on after a commit. What fails is tried again by itself, then waits for you.")
    empty_title = gettext_lazy("Nothing has failed")
    empty_text = gettext_lazy(
        "A job that fails for the last time waits here, with its reason, until somebody retries it or gives it up."
    )
    tabs = (
        Tab("dead", gettext_lazy("Failed"), DEAD),
        Tab("retrying", gettext_lazy("Waiting for the next attempt"), RETRYING),
        Tab("overdue", gettext_lazy("Overdue by a minute"), OVERDUE),
        Tab("queued", gettext_lazy("Queued"), Q(state=JobState.QUEUED, attempts=0)),
        Tab("running", gettext_lazy("Running"), Q(state=JobState.RUNNING)),
        Tab(
            "closed",
            gettext_lazy("Done or given up"),
            Q(state__in=(JobState.DONE, JobState.GIVEN_UP)),
            is_counted=False,
        ),
    )
    row_acts = (RETRY, GIVE_UP)
    export = {
        gettext_lazy("Job"): lambda job: job.pk,
        gettext_lazy("Kind"): lambda job: job.kind,
        gettext_lazy("Status"): lambda job: job.get_state_display(),
        gettext_lazy("Attempts"): lambda job: job.attempts,
        gettext_lazy("Next time"): lambda job: job.due_at,
        gettext_lazy("Last error"): lambda job: last_line(job.last_error),
    }
    search_fields = ("=id", "kind__startswith")
    search_help_text = gettext_lazy("Number or kind")
    list_display = ("number", "kind", "state_badge", "attempts_made", "next_time", "reason")
    ordering = ("-id",)
    sortable_by = ()

    def waiting(self) -> QuerySet[Job]:
        return Job.objects.filter(DEAD)

    def title_of(self, row: Job) -> str:
        return f"{row.kind} #{row.pk}"

    def badge_of(self, row: Job) -> str:
        return self.state_badge(row)

    def sections(self, row: Job) -> Sequence[Section]:
        facts = [
            (_("Kind"), format_html("<code>{}</code>", row.kind)),
            (_("Attempts"), attempts_of(row)),
            (_("Next time"), self.next_time(row)),
            (_("Leased until"), cells.moment(row.lease_until)),
            (_("Created"), cells.moment(row.created_at)),
            (_("Finished"), cells.moment(row.finished_at)),
        ]
        arguments, error = _("Arguments"), _("Last error")
        return (
            Section(_("Job"), facts),
            Section(arguments, html=data(masked(row.arguments), arguments)),
            Section(error, html=data(row.last_error or None, error)),
        )

    @admin.display(description=gettext_lazy("job"))
    def number(self, row: Job) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, row: Job) -> str:
        if row.state == JobState.QUEUED and row.attempts:
            return cells.badge(_("will be tried again"), "warn")
        return cells.badge(row.get_state_display(), TONES.get(JobState(row.state), ""))

    @admin.display(description=gettext_lazy("attempts"))
    def attempts_made(self, row: Job) -> str:
        return attempts_of(row)

    attempts_made.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("next time"))
    def next_time(self, row: Job) -> str:
        return cells.until(row.due_at) if row.state == JobState.QUEUED else cells.NOTHING

    @admin.display(description=gettext_lazy("last error"))
    def reason(self, row: Job) -> str:
        return last_line(row.last_error)


def data(value: Any, label: str) -> str:
    return render_to_string("admin/kit/data.html", {"value": value, "label": label})
