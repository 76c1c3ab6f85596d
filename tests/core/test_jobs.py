"""Durable jobs in one process: what is written, claimed, finished, failed, retried."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from aeghash.core import broker, clock, jobs
from aeghash.core.jobs import Lease, LeaseLost, UnknownKind
from aeghash.core.models import Alert, Job, JobState, User
from aeghash.core.operations.claim_job import claim_job, claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.fail_job import told as told_error
from aeghash.core.operations.give_up_job import NotAbandonable, give_up_job
from aeghash.core.operations.purge_jobs import purge_jobs
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.retry_job import NotRetryable, retry_job
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.operations.work_job import run_job, work_job
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.core.steering import NOON, Time, steered_time


@pytest.fixture
def time() -> Iterator[Time]:
    with steered_time() as time:
        yield time


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages that would have been sent."""
    sent: list[int] = []
    monkeypatch.setattr(broker, "tell", sent.append)
    return sent


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what jobs of the kind `test.doing` do."""

    def does(handler: Callable[..., None], **policy: Any) -> None:
        monkeypatch.delitem(jobs._kinds, "test.doing", raising=False)
        jobs.job("test.doing", **policy)(handler)

    monkeypatch.setitem(jobs._kinds, "test.doing", jobs.kind_named("test.nothing"))
    return does


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ops@example.com")


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def always(_done: int) -> bool:
    return False


# -- wanting


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


# -- claiming


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


# -- doing


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


# -- failing


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
    work_due_jobs(until=always)
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


# -- people


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


# -- keeping


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
