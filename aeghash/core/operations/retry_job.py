from typing import ClassVar, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Refusal
from aeghash.core.jobs import kind_named
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.record import record

RETRYABLE: Final = (JobState.QUEUED, JobState.DEAD, JobState.GIVEN_UP)


class NotRetryable(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _("This job is %(state)s: there is nothing to retry.")


def retry_job(*, job_id: int, by: User) -> Job:
    """Due now, with as many attempts again as its kind has.

    Refuses a job that is done or running. One that waits for its next attempt, or whose first is yet to come, is
    brought forward.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state not in RETRYABLE:
            raise NotRetryable(state=job.get_state_display())
        before, job.state = job.state, JobState.QUEUED
        job.due_at = clock.now()
        job.finished_at = None
        job.most_attempts = job.attempts + kind_named(job.kind).policy.attempts
        job.save(update_fields=["state", "due_at", "finished_at", "most_attempts"])
        with acting_as(person(by)):
            record("job.retried", of=job, before={"state": before}, after={"state": job.state, "kind": job.kind})
    return job
