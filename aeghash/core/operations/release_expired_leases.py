"""Jobs whose worker died, or is paused, or forgot the time: they come back."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import Job, JobState
from aeghash.core.operations.fail_job import give_back

BATCH: Final = 500


def release_expired_leases() -> int:
    """Due again at once, since the lease itself was the pause; dead after the last attempt, or a job that kills its
    worker would kill them all. Rows locked by somebody (a last effect being committed, another sweep) are left to them.
    """
    with transaction.atomic():
        expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lte=clock.now()).order_by("lease_until")
        jobs = list(expired.select_for_update(skip_locked=True)[:BATCH])
        for job in jobs:
            give_back(job=job, error="LeaseExpired: the worker died or took too long", pause=timedelta(0))
    return len(jobs)
