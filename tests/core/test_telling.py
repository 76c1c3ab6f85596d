"""What the processes tell each other: Celery's messages, the metrics."""

import threading
import time
from typing import Any

import pytest
from celery import Celery, current_app
from django.db import DatabaseError, transaction
from django.test import Client

from aeghash import celery_app
from aeghash.core import broker
from aeghash.core.metrics import JobCollector
from aeghash.core.models import Job
from aeghash.core.operations.claim_job import claim_next_job
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.tasks import run_job_task, tick_task
from tests.core import job_kinds  # noqa: F401 - registers them


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    messages: list[tuple[str, Any]] = []
    monkeypatch.setattr(broker, "_quiet_until", 0.0)
    monkeypatch.setattr(celery_app, "send_task", lambda name, args, **_: messages.append((name, args)))
    return messages


@pytest.mark.django_db(transaction=True)
def test_a_message_carries_the_primary_key_and_nothing_else(sent: list[tuple[str, Any]]) -> None:
    with transaction.atomic():
        job = enqueue("test.failing", text="a secret")
    assert sent == [("core.run_job", [job.pk])]


def test_every_thread_speaks_to_the_products_own_broker() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(current_app.conf.broker_url))
    thread.start()
    thread.join()
    assert found == [celery_app.conf.broker_url]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_the_caller_little_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    away.conf.broker_transport_options = celery_app.conf.broker_transport_options
    monkeypatch.setattr(broker, "current_app", away)
    monkeypatch.setattr(broker, "_quiet_until", 0.0)
    began = time.monotonic()
    for _ in range(50):
        with transaction.atomic():
            enqueue("test.nothing")
    assert time.monotonic() - began < 8
    assert Job.objects.count() == 50


def test_without_redis_nobody_is_told(sent: list[tuple[str, Any]], settings: Any) -> None:
    settings.REDIS_URL = ""
    broker.tell(1)
    assert sent == []


@pytest.mark.django_db
def test_celerys_tasks_do_one_operation() -> None:
    first, second = enqueue("test.nothing"), enqueue("test.nothing")
    run_job_task(first.pk)
    first.refresh_from_db()
    assert first.state == "done"
    tick_task()
    second.refresh_from_db()
    assert second.state == "done"


def test_beat_has_one_entry() -> None:
    assert {entry["task"] for entry in celery_app.conf.beat_schedule.values()} == {"core.tick"}


# -- metrics


@pytest.mark.django_db
def test_metrics_show_how_many_wait_and_how_long(client: Client) -> None:
    enqueue("test.nothing")
    claim_next_job()
    for _ in range(2):
        enqueue("test.failing")
    dead = enqueue("test.failing")
    Job.objects.filter(pk=dead.pk).update(state="dead", finished_at=dead.created_at)
    body = client.get("/metrics").content.decode()
    assert 'aeghash_jobs{kind="test.nothing",state="running"} 1.0' in body
    assert 'aeghash_jobs{kind="test.failing",state="queued"} 2.0' in body
    assert 'aeghash_jobs{kind="test.failing",state="dead"} 1.0' in body
    assert 'aeghash_jobs_oldest_due_seconds{kind="test.failing"}' in body


@pytest.mark.django_db
def test_what_waits_for_its_time_is_not_late(client: Client) -> None:
    job = enqueue("test.nothing")
    Job.objects.update(due_at=job.created_at.replace(year=job.created_at.year + 1))
    assert 'aeghash_jobs_oldest_due_seconds{kind="test.nothing"} 0.0' in client.get("/metrics").content.decode()


def test_metrics_without_a_database_have_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr("aeghash.core.metrics._waiting", away)
    assert list(JobCollector().collect()) == []


@pytest.mark.django_db
def test_metrics_take_few_queries_whatever_waits(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        enqueue("test.nothing")
        with django_assert_num_queries(3):
            list(JobCollector().collect())
