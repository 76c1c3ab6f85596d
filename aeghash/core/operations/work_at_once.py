"""The first attempt at a job of this database alone: claim, effect and end in one commit.

A worker that dies in here leaves nothing, not even the count of its attempt. So only a message comes this way, and only to
a job at which no attempt has been counted. The sweep, which finds what is still due, counts before it begins: a job that
kills its workers costs those who were told of it at first, and then as many as its kind has attempts.
"""

from typing import Final

import structlog
from django.db import transaction

from aeghash.core import actors, clock
from aeghash.core.actors import acting_as
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import COLUMNS, NOT_FOR_LONG, effect_of, kinds_in_one_commit, written_job
from aeghash.core.models import Job
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.fail_job import fail_job
from aeghash.core.operations.work_job import run_job

log = structlog.get_logger(__name__)

# The end is written first: that locks the row, so until the commit nobody else can be given the job.
END_AT_ONCE: Final = f"""
    WITH found AS MATERIALIZED (
        SELECT id, state, attempts, due_at, {NOT_FOR_LONG} FROM jobs
        WHERE id = %(job)s AND key IS NULL AND kind = ANY(%(kinds)s) FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = 'done', attempts = 1, finished_at = %(now)s
    FROM found WHERE jobs.id = found.id AND found.state = 'queued' AND found.attempts = 0 AND found.due_at <= %(now)s
    RETURNING {COLUMNS}
"""  # noqa: S608 - constants


def work_at_once(*, job_id: int) -> bool:
    """False if there was nothing to do. What was attempted before, or isn't a job for this way, is run as any other."""
    try:
        job = _worked(job_id)
    except Exception as error:
        log.exception("a job failed at once", job=job_id)
        checkpoint("job: before failed")
        return _counted_as_failed(job_id, error)
    return job is not None or run_job(job_id=job_id)


def _worked(job_id: int) -> Job | None:
    with transaction.atomic(durable=True):
        job = written_job(END_AT_ONCE, {"job": job_id, "kinds": kinds_in_one_commit(), "now": clock.now()})
        if job is None:
            return None
        checkpoint("job: row held")
        effect = effect_of(job.kind)
        assert effect is not None  # or the statement had passed it over
        named = structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind, attempt=job.attempts)
        with named, acting_as(actors.job(job.kind)):
            effect(**job.arguments)
        checkpoint("job: before commit")
    checkpoint("job: done")
    return job


def _counted_as_failed(job_id: int, error: Exception) -> bool:
    """Its transaction is gone, so the attempt is counted by a claim. Nobody's, if the sweep was quicker: it tries anew."""
    lease = claim_job(job_id=job_id)
    if lease is not None:
        fail_job(lease=lease, error=error)
    return lease is not None
