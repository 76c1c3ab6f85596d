"""Taking a job under a lease: one conditional UPDATE, whose count decides who has it.

SKIP LOCKED, because a locked row is either being claimed by somebody else, or held back by a transaction that wants it
too and will tell us again on its commit: neither is worth waiting for.
"""

from typing import Final

from aeghash.core import clock, ids
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import Lease
from aeghash.core.models import Job

CLAIM: Final = """
    UPDATE jobs
    SET state = 'running', attempts = attempts + 1, lease_token = %(token)s, lease_until = %(now)s + lease
    WHERE id = ({one}) RETURNING *
"""
CLAIM_THIS: Final = CLAIM.format(
    one="SELECT id FROM jobs WHERE id = %(job)s AND state = 'queued' AND due_at <= %(now)s FOR UPDATE SKIP LOCKED"
)
CLAIM_NEXT: Final = CLAIM.format(
    one="SELECT id FROM jobs WHERE state = 'queued' AND due_at <= %(now)s"
    " ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def claim_job(*, job_id: int) -> Lease | None:
    """None if it isn't due, or somebody else has it: the message was late, or came twice."""
    return _claimed(CLAIM_THIS, job=job_id)


def claim_next_job() -> Lease | None:
    """The one that is due longest."""
    return _claimed(CLAIM_NEXT)


def _claimed(statement: str, **which: int) -> Lease | None:
    rows = Job.objects.raw(statement, {"token": ids.new_uuid(), "now": clock.now(), **which})
    job = next(iter(rows), None)
    if job is None:
        return None
    checkpoint("job: claimed")
    return Lease(job)
