"""Claiming, sweeping and counting don't meet the jobs that are finished, however many those are."""

import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from aeghash.core import clock
from aeghash.core.metrics import JobCollector
from aeghash.core.models import Job, JobState
from aeghash.core.operations.claim_job import CLAIM_NEXT, claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.want_alerts_sent import want_alerts_sent
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

DONE = """
    INSERT INTO jobs (kind, arguments, state, attempts, most_attempts, due_at, lease, last_error, created_at, finished_at)
    SELECT 'test.nothing', '{}', 'done', 1, 3, at, '1 minute', '', at, at
    FROM generate_series(1, %s) number, LATERAL (SELECT now() - number * interval '1 second' AS at) AS times
"""


def fill(owner: Owner, count: int) -> None:
    owner.execute(DONE, [count])
    owner.execute("VACUUM ANALYZE jobs")


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", {"now": clock.now(), "token": None})
        return "\n".join(line for (line,) in cursor.fetchall())


def test_each_question_has_its_index(owner: Owner) -> None:
    fill(owner, 20_000)
    expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lte=clock.now()).order_by("lease_until")
    forgettable = Job.objects.filter(state__in=("done", "given_up"), finished_at__lt=clock.now()).order_by(
        "finished_at"
    )
    assert "jobs_due" in plan_of(CLAIM_NEXT)
    assert "jobs_leased" in expired.explain()
    assert "jobs_forgettable" in forgettable[:100].explain()
    assert "jobs_due" in Job.objects.filter(state=JobState.QUEUED).values("kind").explain()
    assert "jobs_dead" in Job.objects.filter(state=JobState.DEAD).values("kind").explain()


def quickest(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(20))


@pytest.mark.prove
def test_a_million_finished_jobs_cost_nothing(owner: Owner) -> None:
    fill(owner, 1_000_000)
    with transaction.atomic():
        for _ in range(100):
            enqueue("test.nothing")
    works = (claim_next_job, release_expired_leases, want_alerts_sent, lambda: list(JobCollector().collect()))
    times = [quickest(work) for work in works]
    print([f"{seconds * 1000:.2f} ms" for seconds in times])
    assert max(times) < 0.02
