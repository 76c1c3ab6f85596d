"""Wanting something done after this transaction's commit."""

import json
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from aeghash.core import broker, clock
from aeghash.core.jobs import COLUMNS, effect_of, kind_named, written_job
from aeghash.core.models import Job, Schedule

# Locking the job that stands for this one, until the commit, is the point of the update: see `enqueue`.
WRITE_JOB: Final = f"""
    INSERT INTO jobs (kind, arguments, state, key, attempts, most_attempts, due_at, lease, last_error, schedule_id,
                      occurrence_at, created_at)
    VALUES (%(kind)s, %(arguments)s::jsonb, 'queued', %(key)s, 0, %(most_attempts)s, %(due_at)s, %(lease)s, '',
            %(schedule)s, %(occurrence_at)s, %(now)s)
    ON CONFLICT (key) WHERE state = 'queued' AND attempts = 0
    DO UPDATE SET due_at = least(jobs.due_at, excluded.due_at)
    RETURNING {COLUMNS}
"""  # noqa: S608 - constants


def enqueue(kind: str, /, *, key: str | None = None, due_at: datetime | None = None, **arguments: Any) -> Job:
    """Writes the job's row in the caller's transaction: it is done if and only if that commits.

    With a key, a job of that key which has not begun yet stands for this one too. The caller holds it back until its
    commit, since a job that began earlier would not see what this transaction writes. So name what the work is about
    (`wallet:7`), never something that everybody wants at once: they would wait for each other.

    Raises UnknownKind, or TypeError for arguments the kind doesn't take; refuses to work outside a transaction.
    """
    return _write(kind, arguments, key=key, due_at=due_at or clock.now())


def enqueue_occurrence(*, schedule: Schedule, occurrence_at: datetime) -> Job:
    """What a schedule starts. The database refuses a second job for the same occurrence."""
    return _write(
        schedule.kind, schedule.arguments, due_at=clock.now(), schedule=schedule.pk, occurrence_at=occurrence_at
    )


def _write(
    kind: str,
    arguments: dict[str, Any],
    *,
    due_at: datetime,
    key: str | None = None,
    schedule: int | None = None,
    occurrence_at: datetime | None = None,
) -> Job:
    if not connection.in_atomic_block:
        raise TransactionManagementError("a job belongs to the transaction that wants it: open one")
    found = kind_named(kind)
    found.check_arguments(arguments)
    policy = found.policy
    now = clock.now()
    columns: dict[str, Any] = {"kind": kind, "arguments": json.dumps(arguments), "key": key}
    columns |= {"due_at": due_at, "now": now}
    columns |= {"most_attempts": policy.attempts, "lease": policy.lease}
    columns |= {"schedule": schedule, "occurrence_at": occurrence_at}
    job = written_job(WRITE_JOB, columns)
    assert job is not None
    if job.due_at <= now:
        transaction.on_commit(partial(broker.tell, job.pk, *_way_of(job)), robust=True)
    return job


def _way_of(job: Job) -> tuple[str, ...]:
    """Not at once where it has a key: whoever wants the same meanwhile would wait for its effect."""
    return (broker.WORK_AT_ONCE,) if job.key is None and effect_of(job.kind) else ()
