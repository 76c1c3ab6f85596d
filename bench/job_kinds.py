"""What the measured worker does: nothing, and says when."""

from functools import partial

import redis
from celery import shared_task
from django.conf import settings
from django.db import transaction

from aeghash.core.jobs import Lease, in_one_commit, job

DONE = "bench:done"

client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=120)  # more than whoever waits by it


@shared_task(name="bench.nothing")
def nothing_task(number: int) -> None:
    client.rpush(DONE, number)


@job("bench.nothing")
def nothing_job_task(lease: Lease) -> None:
    with lease.last_transaction():
        pass
    client.rpush(DONE, lease.job.pk)


@job("bench.nothing_in_one_commit")
@in_one_commit
def nothing_in_one_commit_task() -> None:
    """Says so after its commit, as the other."""
    transaction.on_commit(partial(client.rpush, DONE, 1))
