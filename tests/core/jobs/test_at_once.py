"""Jobs of this database alone: claim, effect and end in one commit, at the first attempt."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import broker, checkpoints
from aeghash.core.actors import current_actor
from aeghash.core.jobs import NoFurtherAttempts, in_one_commit
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations import work_at_once as working
from aeghash.core.operations.claim_job import claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.work_at_once import work_at_once
from aeghash.core.operations.work_due_jobs import work_due_jobs
from tests.core.jobs.states import state_of
from tests.core.steering import NOON, Time
from tests.database import Owner
from tests.races import run_together


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The messages that would have been sent."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(broker, "tell", lambda *told: sent.append(told))
    return sent


def make_user(*, name: str = "made") -> None:
    User.objects.create_user(f"{name}@example.com")


def fail(*, error: type[Exception] = RuntimeError) -> None:
    make_user()
    raise error("no luck")


@pytest.mark.django_db
def test_the_first_attempt_is_one_statement_beside_its_effect(
    doing: Callable[..., None], time: Time, django_assert_num_queries: Any
) -> None:
    actors: list[str] = []
    doing(in_one_commit(lambda: actors.append(current_actor().id)))
    job = enqueue("test.doing")
    with django_assert_num_queries(3):  # BEGIN and COMMIT are two of them, which are a savepoint's in here
        assert work_at_once(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.finished_at, job.lease_token) == ("done", 1, NOON, None)
    assert actors == ["test.doing"]
    assert not work_at_once(job_id=job.pk)  # the message came twice
    assert len(actors) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_are_told_the_way_that_suits_the_job(doing: Callable[..., None], ways: list[tuple[Any, ...]]) -> None:
    doing(in_one_commit(make_user))
    with transaction.atomic():
        plain, at_once = enqueue("test.nothing"), enqueue("test.doing")
        # Whoever wants the same meanwhile would wait for the effect, and might hold what the effect waits for.
        with_key = enqueue("test.doing", key="wallet:7")
    assert ways == [(plain.pk,), (at_once.pk, broker.WORK_AT_ONCE), (with_key.pk,)]


@pytest.mark.django_db
def test_a_misspelt_argument_is_told_to_the_caller(doing: Callable[..., None]) -> None:
    doing(in_one_commit(make_user))
    with pytest.raises(TypeError):
        enqueue("test.doing", nmae="x")
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_nothing_but_its_count(doing: Callable[..., None], time: Time) -> None:
    doing(in_one_commit(fail))
    with transaction.atomic():
        job = enqueue("test.doing")
    assert work_at_once(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("queued", 1, "RuntimeError: no luck")
    assert job.due_at > time.now
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_for_good_is_the_last(doing: Callable[..., None]) -> None:
    doing(in_one_commit(lambda: fail(error=NoFurtherAttempts)))
    with transaction.atomic():
        job = enqueue("test.doing")
    work_at_once(job_id=job.pk)
    assert state_of(job) == JobState.DEAD


@pytest.mark.django_db(transaction=True)
def test_a_failure_that_the_sweep_has_overtaken_is_the_sweeps(doing: Callable[..., None]) -> None:
    doing(in_one_commit(fail))
    with transaction.atomic():
        job = enqueue("test.doing")

    def sweep(name: str) -> None:
        if name == "job: before failed":
            assert claim_next_job() is not None

    with checkpoints.hooked(sweep):
        assert not work_at_once(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("running", 1, "")


@pytest.mark.django_db
@pytest.mark.parametrize("attempts", [0, 1])
def test_once_an_attempt_was_counted_all_are(doing: Callable[..., None], time: Time, attempts: int) -> None:
    doing(in_one_commit(make_user))
    job = enqueue("test.doing")
    Job.objects.update(attempts=attempts)
    assert work_at_once(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", attempts + 1)


@pytest.mark.django_db
def test_the_sweep_counts_before_it_begins(doing: Callable[..., None], time: Time) -> None:
    seen: list[tuple[str, int]] = []
    doing(in_one_commit(lambda: seen.append((Job.objects.get().state, Job.objects.get().attempts))))
    enqueue("test.doing")
    assert work_due_jobs(until=lambda _done: False) == 1
    assert seen == [("done", 1)]


@pytest.mark.django_db
def test_a_message_for_a_kind_that_has_changed_is_worked_all_the_same() -> None:
    job = enqueue("test.nothing")
    assert work_at_once(job_id=job.pk)
    assert state_of(job) == JobState.DONE


@pytest.mark.django_db
def test_nothing_is_begun_before_its_time(doing: Callable[..., None], time: Time) -> None:
    doing(in_one_commit(make_user))
    job = enqueue("test.doing")
    time.goes_on(seconds=-1)
    assert not work_at_once(job_id=job.pk)
    assert (state_of(job), User.objects.count()) == (JobState.QUEUED, 0)


def effects_of_eight_messages_at_one_instant(owner: Owner, number: int) -> int:
    with transaction.atomic():
        job = enqueue("test.effect_in_one_commit", number=number, seconds=0.05)
    run_together(*[lambda: work_at_once(job_id=job.pk)] * 8)
    return len(owner.execute("SELECT FROM effects WHERE number = %s", [number]).fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tables")
def test_of_many_messages_at_one_instant_one_has_an_effect(owner: Owner) -> None:
    for number in range(3):
        assert effects_of_eight_messages_at_one_instant(owner, number) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tables")
def test_control_without_the_condition_many_would(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = working.END_AT_ONCE.replace("AND found.state = 'queued' AND found.attempts = 0", "")
    monkeypatch.setattr(working, "END_AT_ONCE", careless.replace("SKIP LOCKED", ""))
    assert effects_of_eight_messages_at_one_instant(owner, 1) > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tables")
def test_while_it_is_worked_at_once_it_is_nobody_elses(owner: Owner) -> None:
    with transaction.atomic():
        job = enqueue("test.effect_in_one_commit", number=1, seconds=0.5)
    outcomes = run_together(
        lambda: work_at_once(job_id=job.pk), *[lambda: work_due_jobs(until=lambda done: done >= 1)] * 3
    )
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert len(owner.execute("SELECT FROM effects").fetchall()) == 1
