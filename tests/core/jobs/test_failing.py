"""What fails comes back, or ends dead, and people decide."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aeghash.core import jobs
from aeghash.core.jobs import Lease
from aeghash.core.models import Alert, Job, JobState, User
from aeghash.core.operations.claim_job import claim_job, claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.fail_job import told as told_error
from aeghash.core.operations.give_up_job import NotAbandonable, give_up_job
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.retry_job import NotRetryable, retry_job
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.operations.work_job import run_job
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.core.jobs.states import state_of
from tests.core.steering import NOON, Time


@pytest.mark.django_db
def test_failures_back_off_and_end_dead_with_an_alert(time: Time, person: User) -> None:
    job = enqueue("test.failing")
    pauses = []
    for _ in range(3):
        run_job(job_id=job.pk)
        job.refresh_from_db()
        pauses.append((job.due_at - time.now).total_seconds())
        time.now = job.due_at
    assert (job.state, job.attempts) == ("dead", 3)
    assert [round(pause / 2**n) in range(7, 14) for n, pause in enumerate(pauses)] == [True] * 3
    alert = Alert.objects.get()
    assert (alert.key, alert.severity, alert.details["job"]) == ("job:test.failing", "critical", str(job.pk))
    assert not run_job(job_id=job.pk)


@pytest.mark.django_db
def test_what_failed_together_comes_back_spread(time: Time) -> None:
    made = [enqueue("test.failing") for _ in range(20)]
    work_due_jobs(until=lambda _done: False)
    assert len({job.due_at for job in Job.objects.filter(pk__in=[job.pk for job in made])}) > 10


@pytest.mark.django_db
def test_errors_are_kept_without_their_secrets() -> None:
    job = enqueue("test.failing", text="401 for api_key=hunter2")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.last_error == "RuntimeError: 401 for api_key=***"


def test_an_error_is_told_without_what_no_column_holds() -> None:
    assert told_error(RuntimeError("a\x00b\ud800" + 3000 * "c")) == "RuntimeError: ab?" + 1983 * "c"


@pytest.mark.django_db
def test_a_kind_that_this_release_does_not_know_is_tried_later(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    job = enqueue("test.nothing")
    monkeypatch.delitem(jobs._kinds, "test.nothing")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.due_at) == ("queued", NOON + timedelta(minutes=1))


@pytest.mark.django_db
def test_an_expired_lease_brings_the_job_back_at_once(time: Time) -> None:
    job = enqueue("test.nothing")
    claim_job(job_id=job.pk)
    time.goes_on(seconds=59)
    assert release_expired_leases() == 0
    time.goes_on(seconds=1)
    assert release_expired_leases() == 1
    job.refresh_from_db()
    assert (job.state, job.due_at, job.attempts) == ("queued", time.now, 1)
    assert run_job(job_id=job.pk)


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_ends_dead(time: Time) -> None:
    job = enqueue("test.nothing")
    for _ in range(3):
        assert claim_next_job() is not None
        time.goes_on(minutes=1)
        release_expired_leases()
    assert state_of(job) == JobState.DEAD
    assert Alert.objects.filter(key="job:test.nothing").exists()


@pytest.mark.django_db
def test_a_failure_under_a_lost_lease_writes_nothing(doing: Callable[..., None], time: Time) -> None:
    def fail_late(lease: Lease) -> None:
        time.goes_on(minutes=1)
        release_expired_leases()
        assert claim_next_job() is not None
        raise RuntimeError

    doing(fail_late)
    job = enqueue("test.doing")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("running", 2, "LeaseExpired: the worker died or took too long")


@pytest.mark.django_db
@pytest.mark.parametrize("end", [JobState.DEAD, JobState.GIVEN_UP])
def test_a_person_retries_what_has_ended_badly(end: JobState, person: User, time: Time) -> None:
    job = enqueue("test.failing")
    Job.objects.filter(pk=job.pk).update(state=end, attempts=3, finished_at=NOON, due_at=NOON + timedelta(hours=9))
    retried = retry_job(job_id=job.pk, by=person)
    assert (retried.state, retried.due_at, retried.finished_at, retried.most_attempts) == ("queued", NOON, None, 6)
    assert run_job(job_id=job.pk)


@pytest.mark.django_db
def test_a_person_brings_the_next_attempt_forward(person: User, time: Time) -> None:
    job = enqueue("test.failing")
    run_job(job_id=job.pk)
    assert claim_job(job_id=job.pk) is None
    retry_job(job_id=job.pk, by=person)
    assert claim_job(job_id=job.pk) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("run", [claim_job, run_job])
def test_what_runs_or_is_done_is_neither_retried_nor_given_up(run: Callable[..., object], person: User) -> None:
    job = enqueue("test.nothing")
    run(job_id=job.pk)
    before = Job.objects.filter(pk=job.pk).values().get()
    with pytest.raises(NotRetryable):
        retry_job(job_id=job.pk, by=person)
    with pytest.raises(NotAbandonable):
        give_up_job(job_id=job.pk, by=person, reason="no")
    assert Job.objects.filter(pk=job.pk).values().get() == before


@pytest.mark.django_db
def test_what_is_given_up_is_not_tried_again(person: User) -> None:
    job = enqueue("test.nothing")
    give_up_job(job_id=job.pk, by=person, reason="the wallet is closed")
    assert claim_next_job() is None
    assert state_of(job) == JobState.GIVEN_UP
    with pytest.raises(NotAbandonable):
        give_up_job(job_id=job.pk, by=person, reason="again")
