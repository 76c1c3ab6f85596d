"""An attempt that came to nothing: due again after a pause, or dead with an alert."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.jobs import Lease, NoFurtherAttempts, UnknownKind, kind_named
from aeghash.core.logs import redacted_text
from aeghash.core.models import Job, JobState, Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.texts import storable

LONGEST_ERROR: Final = 2000
PAUSE_OF_THE_UNKNOWN: Final = timedelta(minutes=1)  # a release that knows the kind may be on its way


def fail_job(*, lease: Lease, error: Exception) -> None:
    """Writes nothing if the lease is no longer ours: then somebody else has the job, and its outcome."""
    with transaction.atomic():
        job = lease.rows().select_for_update().first()
        if job is not None:
            is_last = isinstance(error, NoFurtherAttempts)
            give_back(job=job, error=told(error), pause=_pause(job), is_last=is_last)


def give_back(*, job: Job, error: str, pause: timedelta, is_last: bool = False) -> None:
    """In the caller's transaction, which has locked the row."""
    now = clock.now()
    is_last = is_last or job.attempts >= job.most_attempts
    job.state = JobState.DEAD if is_last else JobState.QUEUED
    job.due_at = now + pause
    job.finished_at = now if is_last else None
    job.lease_token = job.lease_until = None
    job.last_error = error
    job.save(update_fields=["state", "due_at", "finished_at", "lease_token", "lease_until", "last_error"])
    if is_last:
        raise_alert(
            key=f"job:{job.kind}",
            severity=Severity.CRITICAL,
            sentence=_("A job has failed for the last time. It waits for somebody to retry it or give it up."),
            kind=job.kind,
            job=job.pk,
            error=error,
        )


def told(error: Exception) -> str:
    """Its type and text, without what might be a secret."""
    return storable(redacted_text(f"{type(error).__name__}: {error}"))[:LONGEST_ERROR]


def _pause(job: Job) -> timedelta:
    try:
        return kind_named(job.kind).policy.pause_after(job.attempts)
    except UnknownKind:
        return PAUSE_OF_THE_UNKNOWN
