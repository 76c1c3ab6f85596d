from typing import ClassVar, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Refusal
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.record import record

ABANDONABLE: Final = (JobState.QUEUED, JobState.DEAD)


class NotAbandonable(Refusal):
    code: ClassVar[str] = "invalid_state"
    sentence: ClassVar[str | Promise] = _("This job is %(state)s: it can't be given up.")


def give_up_job(*, job_id: int, by: User, reason: str) -> Job:
    """Nobody will try it again unless a person retries it. Refuses a job that is running, done, or given up."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state not in ABANDONABLE:
            raise NotAbandonable(state=job.get_state_display())
        before, job.state = job.state, JobState.GIVEN_UP
        job.finished_at = clock.now()
        job.save(update_fields=["state", "finished_at"])
        after = {"state": job.state, "kind": job.kind}
        with acting_as(person(by)):
            record("job.given_up", of=job, before={"state": before}, after=after, reason=reason)
    return job
