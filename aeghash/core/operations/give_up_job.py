from typing import ClassVar, Final

import structlog
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.models import Job, JobState, User

ABANDONABLE: Final = (JobState.QUEUED, JobState.DEAD)

log = structlog.get_logger(__name__)


class NotAbandonable(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _("This job is %(state)s: it can't be given up.")


def give_up_job(*, job_id: int, by: User, reason: str) -> Job:
    """Nobody will try it again unless a person retries it. Refuses a job that is running, done, or given up."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state not in ABANDONABLE:
            raise NotAbandonable(state=job.get_state_display())
        job.state = JobState.GIVEN_UP
        job.finished_at = clock.now()
        job.save(update_fields=["state", "finished_at"])
    log.info("a job is given up", job=job.pk, kind=job.kind, by=by.pk, reason=reason)
    return job
