"""Real worker processes, killed, paused, flushed and told twice: every effect once, none lost, none late."""

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from celery import Celery
from django.core.management import call_command
from django.db import transaction

from aeghash.core import broker
from aeghash.core.models import Alert, Job, JobState
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.release_expired_leases import release_expired_leases
from tests.core import job_kinds
from tests.database import Owner
from tests.races import Processes, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

KINDS = "tests.core.job_kinds"
LEASE = 1.0  # of `test.effect`


@pytest.fixture(autouse=True)
def _tables(owner: Owner) -> Iterator[None]:
    job_kinds.make_tables(owner)
    yield
    job_kinds.drop_tables(owner)


@pytest.fixture
def redis_url() -> str:
    """A database in Redis of our own: nobody else's is flushed, and nobody else hears our messages."""
    return re.sub(r"/0$", "/9", os.environ["REDIS_URL"])


@pytest.fixture
def celery(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    app = Celery("probe", broker=redis_url, set_as_current=False)
    monkeypatch.setattr(broker, "current_app", app)
    yield app
    app.close()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()


def want(numbers: range, *, seconds: float = 0.0, kind: str = "test.effect") -> None:
    for start in range(0, len(numbers), 50):
        with transaction.atomic():
            for number in numbers[start : start + 50]:
                enqueue(kind, number=number, seconds=seconds)


def all_done() -> bool:
    return not Job.objects.exclude(state=JobState.DONE).exists()


def check_each_effect_once(owner: Owner, count: int) -> None:
    effects = owner.execute("SELECT number, count(*) FROM effects GROUP BY number ORDER BY number").fetchall()
    assert effects == [(number, 1) for number in range(count)]


def check_none_late_that_began_at_once(owner: Owner) -> None:
    """An attempt that was never counted leaves no start: what counts is from being due, the last time, to the effect."""
    statement = """
        SELECT max(e.at - j.due_at) FROM jobs j JOIN effects e ON e.number = (j.arguments ->> 'number')::int
    """
    assert owner.execute(statement).fetchall()[0][0].total_seconds() < LEASE + 60


def check_each_effect_once_and_none_late(owner: Owner, count: int) -> None:
    check_each_effect_once(owner, count)
    check_each_start_in_time(owner)


def check_each_start_in_time(owner: Owner) -> None:
    latest = owner.execute(
        # From its being due to the first start, and from the end of each lost lease to the next start.
        """
        SELECT max(s.at - coalesce(s.before + %s * interval '1 second', j.due_at)) FROM jobs j
        JOIN (SELECT job, at, lag(at) OVER (PARTITION BY job ORDER BY at) AS before FROM starts) s ON s.job = j.id
        """,
        [LEASE],
    ).fetchall()[0][0]
    assert latest.total_seconds() < 60


class Crowd:
    """So many workers; whoever dies is replaced."""

    def __init__(self, start: Callable[[], "subprocess.Popen[bytes]"], size: int) -> None:
        self.start = start
        self.members = [start() for _ in range(size)]
        self.deaths = 0

    def kill_one(self, chance: random.Random) -> None:
        member = chance.choice(self.members)
        member.kill()
        member.wait()
        self.replace_the_dead()

    def replace_the_dead(self) -> None:
        for position, member in enumerate(self.members):
            if member.poll() is not None:
                self.deaths += 1
                self.members[position] = self.start()


@pytest.mark.parametrize(
    ("kind", "count", "workers", "kills", "between", "patience"),
    [
        pytest.param("test.effect", 300, 2, 3, 0.3, 60, id="small"),
        pytest.param(
            "test.effect_in_one_commit", 100, 2, 1, 0.3, 60, id="small in one commit", marks=pytest.mark.prove
        ),
        pytest.param("test.effect", 10_000, 3, 25, 3.0, 600, id="full", marks=pytest.mark.prove),
        pytest.param(
            "test.effect_in_one_commit", 10_000, 3, 25, 3.0, 600, id="full in one commit", marks=pytest.mark.prove
        ),
    ],
)
def test_over_celery_killed_flushed_and_told_twice(
    owner: Owner,
    celery: Celery,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    count: int,
    workers: int,
    kills: int,
    between: float,
    patience: int,
) -> None:
    tell = broker.tell
    monkeypatch.setattr(broker, "tell", lambda *told: (tell(*told), tell(*told)))
    with Processes(kinds=KINDS, REDIS_URL=redis_url) as processes, redis.Redis.from_url(redis_url) as client:
        crowd, chance = Crowd(processes.celery_worker, workers), random.Random(1)
        assert eventually(lambda: len(celery.control.ping(timeout=0.5) or []) == workers, within=90)
        for part in range(kills):
            want(range(count * part // kills, count * (part + 1) // kills), seconds=0.002, kind=kind)
            if part in (0, kills - 1):
                client.flushdb()
            time.sleep(between)
            celery.send_task("core.tick")  # as beat does
            crowd.kill_one(chance)
        end = time.monotonic() + patience
        while not all_done() and time.monotonic() < end:
            celery.send_task("core.tick")
            eventually(all_done, within=1.0)
        assert all_done()
    check_each_effect_once(owner, count)
    if kind == "test.effect":
        check_each_start_in_time(owner)
    else:
        check_none_late_that_began_at_once(owner)
    assert crowd.deaths == kills


@pytest.mark.prove
def test_what_kills_its_worker_at_once_is_counted_by_the_sweep_and_ends_dead(redis_url: str, celery: Celery) -> None:
    """The message costs one worker, and each of the kind's attempts another: this one has one."""
    with transaction.atomic():
        job = enqueue("test.deadly")
    with Processes(kinds=KINDS, REDIS_URL=redis_url) as processes:
        assert processes.celery_worker().wait(150) == -signal.SIGKILL
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert processes.run_jobs("--limit", "1").wait(150) == -signal.SIGKILL
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.RUNNING, 1)
        assert eventually(release_expired_leases)
    job.refresh_from_db()
    assert job.state == JobState.DEAD
    assert Alert.objects.filter(key="job:test.deadly").exists()


@pytest.mark.prove
def test_beat_and_a_worker_do_what_nobody_was_told_of(
    owner: Owner, redis_url: str, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "tell", lambda *_told: None)
    want(range(300))
    with Processes(kinds=KINDS, REDIS_URL=redis_url) as processes:
        processes.celery_worker()
        processes.start("celery", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "")
        assert eventually(all_done, within=90)
    check_each_effect_once_and_none_late(owner, 300)


@pytest.mark.parametrize(
    ("count", "latest_death", "patience"),
    [
        pytest.param(40, 60, 60, id="small"),
        pytest.param(10_000, 2000, 600, id="full", marks=pytest.mark.prove),
    ],
)
def test_without_redis_workers_that_die_at_any_checkpoint_lose_nothing(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, count: int, latest_death: int, patience: int
) -> None:
    """Nobody is told of anything: the sweep alone does all."""
    monkeypatch.setattr(broker, "tell", lambda *_told: None)
    want(range(count))
    chance = random.Random(2)
    with Processes(kinds=KINDS, REDIS_URL="") as processes:
        crowd = Crowd(lambda: processes.run_jobs("--forever", DIES_AT=str(chance.randint(1, latest_death))), 2)
        end = time.monotonic() + patience
        while not all_done() and time.monotonic() < end:
            crowd.replace_the_dead()
            time.sleep(0.05)
        assert all_done()
    check_each_effect_once_and_none_late(owner, count)
    assert crowd.deaths > 0


def is_running() -> bool:
    return Job.objects.filter(state=JobState.RUNNING).exists()


def test_a_worker_paused_past_its_lease_does_nothing_more(owner: Owner) -> None:
    want(range(1), seconds=0.5)
    with Processes(kinds=KINDS, REDIS_URL="") as processes:
        paused = processes.run_jobs("--limit", "1")
        assert eventually(lambda: owner.execute("SELECT 1 FROM starts").fetchone())
        processes.pause(paused)
        other = processes.run_jobs("--forever")
        assert eventually(all_done)
        processes.wake(paused)
        assert paused.wait(10) == 0
        other.terminate()
        assert other.wait(10) == 0
    assert owner.execute("SELECT count(*) FROM starts").fetchone() == (2,)
    check_each_effect_once_and_none_late(owner, 1)


@pytest.mark.prove
def test_a_worker_paused_while_it_commits_holds_its_job_up_no_longer_than_a_minute(owner: Owner) -> None:
    want(range(1))
    with Processes(kinds=KINDS, REDIS_URL="") as processes:
        stopped = processes.run_jobs("--limit", "1", PAUSE_AT="job: before commit")
        assert eventually(lambda: owner.execute("SELECT 1 FROM starts").fetchone())
        processes.run_jobs("--forever")
        assert eventually(all_done, within=60)
        processes.wake(stopped)
        stopped.wait(10)
    check_each_effect_once_and_none_late(owner, 1)


def test_sigterm_lets_the_job_at_hand_be_finished_and_begins_no_other(owner: Owner) -> None:
    want(range(2), seconds=0.7)
    with Processes(kinds=KINDS, REDIS_URL="") as processes:
        worker = processes.run_jobs("--forever")
        assert eventually(is_running)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "queued"]
    assert owner.execute("SELECT count(*) FROM starts").fetchone() == (1,)


def test_run_jobs_works_what_is_due_and_says_so(capsys: Any) -> None:
    want(range(3))
    call_command("run_jobs", "--limit", "2")
    call_command("run_jobs", "--json")
    call_command("run_jobs", "--json")
    assert capsys.readouterr().out.splitlines() == ["2 jobs worked", '{"done": 1}', '{"done": 0}']
