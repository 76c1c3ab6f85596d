"""Kinds of jobs for the tests. Their effects are rows that may come twice, so that a second one would show."""

import os
import signal
import time
from datetime import timedelta

from django.db import connection

from aeghash.core.jobs import Lease, in_one_commit, job
from tests.database import Owner

TABLES = """
    CREATE TABLE effects (number int, job int, at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE starts (number int, job int, at timestamptz DEFAULT clock_timestamp());
    GRANT SELECT, INSERT ON effects, starts TO aeghash_app;
"""


def make_tables(owner: Owner) -> None:
    drop_tables(owner)
    owner.execute(TABLES)


def drop_tables(owner: Owner) -> None:
    owner.execute("DROP TABLE IF EXISTS effects; DROP TABLE IF EXISTS starts")


def write(table: str, number: int, lease: Lease) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (number, job) VALUES (%s, %s)", [number, lease.job.pk])


@job("test.effect", attempts=50, lease=timedelta(seconds=1))
def effect_task(lease: Lease, *, number: int, seconds: float = 0) -> None:
    """A start is committed by itself, as a call to the outside would be; an effect only under the lease."""
    write("starts", number, lease)
    time.sleep(seconds)
    with lease.last_transaction():
        write("effects", number, lease)


@job("test.effect_in_one_commit", attempts=50, lease=timedelta(seconds=1))
@in_one_commit
def effect_in_one_commit_task(*, number: int, seconds: float = 0) -> None:
    time.sleep(seconds)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effects (number) VALUES (%s)", [number])


@job("test.deadly", attempts=1, lease=timedelta(seconds=1))
@in_one_commit
def deadly_task() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.failing", first_pause=timedelta(seconds=10))
def failing_task(lease: Lease, *, text: str = "no luck") -> None:
    raise RuntimeError(text)


@job("test.nothing")
def nothing_task(lease: Lease) -> None:
    pass
