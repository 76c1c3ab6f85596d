from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models.schedules import Schedule


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")  # due at `due_at`, the first time or again
    RUNNING = "running", _("running")  # some worker's until `lease_until`
    DONE = "done", _("done")
    DEAD = "dead", _("dead")  # failed for the last time; a person retries it or gives it up
    GIVEN_UP = "given_up", _("given up")


CLOSED: Final = (JobState.DONE, JobState.DEAD, JobState.GIVEN_UP)
FORGETTABLE: Final = (JobState.DONE, JobState.GIVEN_UP)


class Job(models.Model):
    """Work that a transaction wanted done after its commit, whatever happens to Redis or to the workers."""

    kind = models.CharField(_("kind"), max_length=100)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=JobState, default=JobState.QUEUED)
    key = models.CharField(  # noqa: DJ001 - most jobs have none, and NULLs are never equal
        _("key"), max_length=200, null=True, blank=True, help_text=_("Wanted twice before it has begun is wanted once.")
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    most_attempts = models.PositiveIntegerField(_("most attempts"))
    due_at = models.DateTimeField(_("due"), default=clock.now)
    lease = models.DurationField(_("lease"))
    lease_token = models.UUIDField(_("lease token"), null=True, blank=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    schedule = models.ForeignKey(
        Schedule, verbose_name=_("schedule"), on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    occurrence_at = models.DateTimeField(_("occurrence"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        db_table = "jobs"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = (
            # Only before the first attempt: a running job may already have looked at what the second caller just wrote,
            # and one that waits for its next attempt must be able to come back.
            models.UniqueConstraint(
                fields=("key",), condition=Q(state="queued", attempts=0), name="jobs_one_not_begun"
            ),
            models.UniqueConstraint(
                fields=("schedule", "occurrence_at"),
                condition=Q(schedule__isnull=False),
                name="jobs_one_per_occurrence",
            ),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="running", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="jobs_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CLOSED, finished_at__isnull=False)
                | (~Q(state__in=CLOSED) & Q(finished_at__isnull=True)),
                name="jobs_finished_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(schedule__isnull=True, occurrence_at__isnull=True)
                | Q(schedule__isnull=False, occurrence_at__isnull=False),
                name="jobs_scheduled_with_occurrence",
            ),
        )
        # Small whatever the number of finished jobs: claiming, sweeping and counting never meet those.
        indexes = (
            models.Index(fields=("due_at",), include=("kind",), condition=Q(state="queued"), name="jobs_due"),
            models.Index(fields=("lease_until",), include=("kind",), condition=Q(state="running"), name="jobs_leased"),
            models.Index(fields=("kind",), condition=Q(state="dead"), name="jobs_dead"),
            models.Index(fields=("finished_at",), condition=Q(state__in=FORGETTABLE), name="jobs_forgettable"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
