"""What is claimed and done, once, under a lease."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from aeghash.core.jobs import Lease
from aeghash.core.models import JobState, User
from aeghash.core.operations.claim_job import claim_job, claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.work_job import run_job
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.core.jobs.states import state_of
from tests.core.steering import NOON, Time


@pytest.mark.django_db
def test_a_claim_is_a_lease_and_nobody_elses(time: Time) -> None:
    job = enqueue("test.nothing")
    lease = claim_job(job_id=job.pk)
    assert lease is not None
    assert (lease.job.state, lease.job.attempts, lease.job.lease_until) == ("running", 1, NOON + timedelta(minutes=1))
    assert claim_job(job_id=job.pk) is None
    assert claim_next_job() is None


@pytest.mark.django_db
def test_nothing_is_claimed_before_its_time(time: Time) -> None:
    job = enqueue("test.nothing", due_at=NOON + timedelta(seconds=1))
    assert claim_job(job_id=job.pk) is None
    assert claim_next_job() is None
    time.goes_on(seconds=1)
    assert claim_next_job() is not None


@pytest.mark.django_db
def test_what_is_due_longest_comes_first(time: Time) -> None:
    late = enqueue("test.nothing")
    early = enqueue("test.nothing", due_at=NOON - timedelta(seconds=1))
    assert [lease.job.pk for lease in (claim_next_job(), claim_next_job()) if lease] == [early.pk, late.pk]


@pytest.mark.django_db
def test_a_job_is_done_with_its_effect(doing: Callable[..., None], time: Time) -> None:
    def make_user(lease: Lease) -> None:
        with lease.last_transaction():
            User.objects.create_user("made@example.com")
            assert state_of(lease.job) == JobState.DONE  # for us; nobody else sees it yet

    doing(make_user)
    job = enqueue("test.doing")
    assert run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.finished_at, job.lease_token, job.last_error) == ("done", NOON, None, "")
    assert User.objects.count() == 1
    assert not run_job(job_id=job.pk)  # the message came twice
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_handler_without_a_last_transaction_is_done_when_it_returns() -> None:
    job = enqueue("test.nothing")
    run_job(job_id=job.pk)
    assert state_of(job) == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_an_effect_that_fails_leaves_nothing(doing: Callable[..., None]) -> None:
    def fail(lease: Lease) -> None:
        with lease.last_transaction():
            User.objects.create_user("made@example.com")
            raise ZeroDivisionError

    doing(fail)
    with transaction.atomic():
        job = enqueue("test.doing")
    run_job(job_id=job.pk)
    assert state_of(job) == JobState.QUEUED
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", ["transaction", "last_transaction", "extend"])
def test_past_its_lease_a_worker_can_do_nothing(doing: Callable[..., None], time: Time, part: str) -> None:
    def late(lease: Lease) -> None:
        time.goes_on(minutes=1)
        assert not lease.still_mine()
        if part == "extend":
            lease.extend()
        with getattr(lease, part)():
            User.objects.create_user("made@example.com")

    doing(late)
    with transaction.atomic():
        job = enqueue("test.doing")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("running", "")
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("somebody_else_has_it", "state"), [(False, "done"), (True, "running")])
def test_returning_late_counts_if_nobody_was_given_the_job(
    doing: Callable[..., None], time: Time, somebody_else_has_it: bool, state: str
) -> None:
    def late(lease: Lease) -> None:
        time.goes_on(minutes=1)
        if somebody_else_has_it:
            release_expired_leases()
            assert claim_next_job() is not None

    doing(late)
    job = enqueue("test.doing")
    run_job(job_id=job.pk)
    assert state_of(job) == state


@pytest.mark.django_db
def test_a_long_job_extends_its_lease(doing: Callable[..., None], time: Time) -> None:
    def long(lease: Lease) -> None:
        for _ in range(5):
            time.goes_on(seconds=59)
            lease.extend()

    doing(long)
    job = enqueue("test.doing")
    run_job(job_id=job.pk)
    assert state_of(job) == JobState.DONE
