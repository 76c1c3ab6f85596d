"""Who has a job, and what that is worth: each lock and condition with the race that happens without it."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from aeghash.core import clock, jobs
from aeghash.core.models import Job
from aeghash.core.operations import claim_job as claiming
from aeghash.core.operations import enqueue as enqueuing
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.operations.work_job import run_job
from tests.core import job_kinds
from tests.database import Owner
from tests.races import Interleaving, run_together

pytestmark = pytest.mark.django_db(transaction=True)

Count = Callable[[str], int]


@pytest.fixture
def count(owner: Owner) -> Iterator[Count]:
    """How many effects or starts there are, seen from outside."""
    job_kinds.make_tables(owner)
    yield lambda table: owner.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    job_kinds.drop_tables(owner)


def wanted() -> Job:
    with transaction.atomic():
        return enqueue("test.effect", number=1)


def another_worker_an_hour_later() -> None:
    """By its own clock: the lease it finds is long over."""
    with clock.steered(lambda: clock._system() + timedelta(hours=1)):
        release_expired_leases()
        work_due_jobs(until=lambda done: done >= 1)


def claims_at_one_instant(job: Job) -> int:
    return sum(outcome.value is not None for outcome in run_together(*[lambda: claim_job(job_id=job.pk)] * 8))


def test_of_many_claims_at_one_instant_one_counts() -> None:
    for _ in range(5):
        assert claims_at_one_instant(wanted()) == 1


def test_control_without_the_claims_condition_many_would_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = claiming.CLAIM_THIS.replace("AND found.state = 'queued' AND found.due_at <= %(now)s", "")
    monkeypatch.setattr(claiming, "CLAIM_THIS", careless.replace("FOR UPDATE SKIP LOCKED", ""))
    assert claims_at_one_instant(wanted()) > 1


def test_a_worker_that_wakes_after_its_lease_does_nothing_more(count: Count) -> None:
    job = wanted()
    Interleaving(at="job: claimed").run(lambda: run_job(job_id=job.pk), another_worker_an_hour_later)
    assert (count("effects"), count("starts")) == (1, 2)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_control_without_the_token_its_effect_would_come_twice(count: Count, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "END", f"{jobs.DONE} WHERE id = %(job)s RETURNING 1")
    job = wanted()
    Interleaving(at="job: claimed").run(lambda: run_job(job_id=job.pk), another_worker_an_hour_later)
    assert count("effects") == 2


@pytest.mark.parametrize("place", ["job: row held", "job: before commit"])
def test_while_an_effect_is_being_committed_the_job_is_nobody_elses(count: Count, place: str) -> None:
    """Even by a clock that says its lease is over; and nobody waits for it either."""
    job = wanted()
    race = Interleaving(at=place)
    race.run(lambda: run_job(job_id=job.pk), another_worker_an_hour_later)
    assert not race.second_had_to_wait
    assert (count("effects"), count("starts")) == (1, 1)


def test_two_workers_on_one_backlog_do_each_job_once(count: Count) -> None:
    with transaction.atomic():
        for number in range(40):
            enqueue("test.effect", number=number)
    outcomes = run_together(*[lambda: work_due_jobs(until=lambda _done: False)] * 4)
    assert sum(outcome.value for outcome in outcomes) == 40
    assert (count("effects"), count("starts")) == (40, 40)


def claimed_before_the_commit_of_who_wants_it_too(job: Job) -> bool:
    with transaction.atomic():
        assert enqueue("test.effect", key="same", number=1).pk == job.pk
        (claim,) = run_together(lambda: claim_job(job_id=job.pk))
    assert claim.error is None
    return claim.value is not None


def test_a_job_wanted_again_begins_after_that_commit() -> None:
    """Or it would not see what the second transaction is about to write."""
    with transaction.atomic():
        job = enqueue("test.effect", key="same", number=1)
    assert not claimed_before_the_commit_of_who_wants_it_too(job)
    assert claim_job(job_id=job.pk) is not None


def test_control_without_that_lock_it_would_begin_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        job = enqueue("test.effect", key="same", number=1)
    monkeypatch.setattr(enqueuing, "WRITE_JOB", f"SELECT {jobs.COLUMNS} FROM jobs WHERE key = %(key)s")
    assert claimed_before_the_commit_of_who_wants_it_too(job)


def test_a_slow_worker_costs_the_others_no_time(count: Count) -> None:
    slow, quick = wanted(), wanted()
    began = time.monotonic()
    race = Interleaving(at="job: row held")
    race.run(lambda: run_job(job_id=slow.pk), lambda: run_job(job_id=quick.pk))
    assert not race.second_had_to_wait
    assert time.monotonic() - began < 5
    assert count("effects") == 2
