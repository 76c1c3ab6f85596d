"""Doing one claimed job: its handler, then done, or failed and due again, or dead."""

import structlog

from aeghash.core import actors
from aeghash.core.actors import acting_as
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import Lease, LeaseLost, kind_named
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.fail_job import fail_job

log = structlog.get_logger(__name__)


def run_job(*, job_id: int) -> bool:
    """What a message asks for. False if there was nothing to do."""
    lease = claim_job(job_id=job_id)
    if lease is None:
        return False
    work_job(lease=lease)
    return True


def work_job(*, lease: Lease) -> None:
    """Never raises for what the handler does.

    It does raise when not even the failure can be written (PostgreSQL is away): then the lease runs out, and the sweep
    brings the job back.
    """
    job = lease.job
    with structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind, attempt=job.attempts):
        try:
            with acting_as(actors.job(job.kind)):
                kind_named(job.kind).handler(lease, **job.arguments)
            lease.finish()
        except LeaseLost:
            log.warning("the lease was lost, nothing was done")
        except Exception as error:
            log.exception("a job failed")
            checkpoint("job: before failed")
            fail_job(lease=lease, error=error)
