"""What the measured worker does: nothing, and says when."""

import redis
from celery import shared_task
from django.conf import settings

from aeghash.core.jobs import Lease, job

DONE = "bench:done"

client = redis.Redis.from_url(settings.REDIS_URL)


@shared_task(name="bench.nothing")
def nothing_task(number: int) -> None:
    client.rpush(DONE, number)


@job("bench.nothing")
def nothing_job_task(lease: Lease) -> None:
    with lease.last_transaction():
        pass
    client.rpush(DONE, lease.job.pk)
