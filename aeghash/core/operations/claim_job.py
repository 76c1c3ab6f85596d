"""Taking a job under a lease: one conditional UPDATE, whose count decides who has it.

SKIP LOCKED, because a locked row is either being claimed by somebody else, or held back by a transaction that wants it
too and will tell us again on its commit: neither is worth waiting for.
"""

from typing import Final

from aeghash.core import clock, ids
from aeghash.core.checkpoints import checkpoint
from aeghash.core.jobs import COLUMNS, Lease, written_job

CLAIM: Final = f"""
    WITH found AS MATERIALIZED (SELECT id, state, due_at FROM jobs WHERE {{which}} FOR UPDATE SKIP LOCKED)
    UPDATE jobs
    SET state = 'running', attempts = attempts + 1, lease_token = %(token)s, lease_until = %(now)s + lease
    FROM found WHERE jobs.id = found.id AND found.state = 'queued' AND found.due_at <= %(now)s
    RETURNING {COLUMNS}
"""  # noqa: S608 - constants
CLAIM_THIS: Final = CLAIM.format(which="id = %(job)s")
CLAIM_NEXT: Final = CLAIM.format(which="state = 'queued' AND due_at <= %(now)s ORDER BY due_at LIMIT 1")


def claim_job(*, job_id: int) -> Lease | None:
    """None if it isn't due, or somebody else has it: the message was late, or came twice."""
    return _claimed(CLAIM_THIS, job=job_id)


def claim_next_job() -> Lease | None:
    """The one that is due longest."""
    return _claimed(CLAIM_NEXT)


def _claimed(statement: str, **which: int) -> Lease | None:
    job = written_job(statement, {"token": ids.new_uuid(), "now": clock.now(), **which})
    if job is None:
        return None
    checkpoint("job: claimed")
    return Lease(job)
