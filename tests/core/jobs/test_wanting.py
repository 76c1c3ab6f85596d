"""What is wanted, and who is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from aeghash.core import clock
from aeghash.core.jobs import Lease, LeaseLost, UnknownKind
from aeghash.core.models import Job, JobState
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.purge_jobs import purge_jobs
from aeghash.core.operations.work_job import run_job, work_job
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.core.jobs.states import state_of
from tests.core.steering import NOON, Time


@pytest.mark.django_db
def test_a_job_is_a_row_of_the_transaction_that_wants_it(time: Time) -> None:
    job = enqueue("test.failing", text="x")
    job.refresh_from_db()
    assert (job.kind, job.arguments, job.state, job.attempts) == ("test.failing", {"text": "x"}, "queued", 0)
    assert (job.most_attempts, job.lease, job.due_at, job.created_at) == (3, timedelta(minutes=1), NOON, NOON)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_can_be_wanted() -> None:
    with pytest.raises(TransactionManagementError):
        enqueue("test.nothing")
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_a_transaction_that_rolls_back(told: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("test.nothing")
        raise ZeroDivisionError
    assert not Job.objects.exists()
    assert told == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "arguments", "refusal"),
    [
        ("test.unheard_of", {}, UnknownKind),
        ("test.nothing", {"number": 1}, TypeError),
        ("test.effect", {}, TypeError),
        ("test.effect", {"number": object()}, TypeError),
    ],
)
def test_a_mistaken_wish_is_told_to_the_caller(kind: str, arguments: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        enqueue(kind, **arguments)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_are_told_after_the_commit_and_only_of_what_is_due(told: list[int]) -> None:
    with transaction.atomic():
        due = enqueue("test.nothing")
        enqueue("test.nothing", due_at=clock.now() + timedelta(minutes=1))
        assert told == []
    assert told == [due.pk]


@pytest.mark.django_db
def test_wanted_twice_before_it_has_begun_is_once(time: Time) -> None:
    first = enqueue("test.nothing", key="wallet:7", due_at=NOON + timedelta(hours=1))
    second = enqueue("test.nothing", key="wallet:7")
    assert second.pk == first.pk
    assert second.due_at == NOON
    assert enqueue("test.nothing", key="wallet:8").pk != first.pk


@pytest.mark.django_db
def test_wanted_again_after_it_has_begun_is_another(time: Time) -> None:
    """The running one may have looked already at what the second caller has just written."""
    first = enqueue("test.failing", key="wallet:7")
    lease = claim_job(job_id=first.pk)
    assert lease is not None
    second = enqueue("test.failing", key="wallet:7")
    assert second.pk != first.pk
    work_job(lease=lease)
    assert state_of(first) == JobState.QUEUED  # and its failing brings it back all the same


@pytest.mark.django_db
def test_what_was_done_long_ago_is_forgotten_and_nothing_else(time: Time) -> None:
    made = {state: enqueue("test.nothing") for state in JobState.values}
    for state in ("done", "dead", "given_up"):
        Job.objects.filter(pk=made[state].pk).update(state=state, finished_at=NOON - timedelta(days=31))
    recent = enqueue("test.nothing")
    Job.objects.filter(pk=recent.pk).update(state="done", finished_at=NOON - timedelta(days=29))
    running = claim_job(job_id=made["running"].pk)
    assert running is not None
    assert purge_jobs(lease=running) == 2
    assert set(Job.objects.values_list("pk", flat=True)) == {made[s].pk for s in ("queued", "running", "dead")} | {
        recent.pk
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"state": "finished"},
        {"state": "running"},
        {"state": "done"},
        {"finished_at": NOON},
        {"lease_until": NOON},
        {"occurrence_at": NOON},
    ],
)
def test_the_database_refuses_rows_that_make_no_sense(fields: dict[str, Any]) -> None:
    job = enqueue("test.nothing")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**fields)


@pytest.mark.django_db
def test_a_job_takes_few_round_trips(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        job = enqueue("test.nothing")
    with django_assert_num_queries(2):
        run_job(job_id=job.pk)
    assert connection.in_atomic_block  # what the numbers leave out: BEGIN and COMMIT


@pytest.mark.django_db
def test_a_lost_lease_is_not_a_failure(doing: Callable[..., None]) -> None:
    def lose(lease: Lease) -> None:
        raise LeaseLost

    doing(lose)
    job = enqueue("test.doing")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("running", "")
