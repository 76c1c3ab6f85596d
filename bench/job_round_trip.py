"""A durable job, from the transaction that wants it to its end in the database, against a Celery task that does nothing.

Both kinds of jobs: those of this database alone, worked in one commit, and those under a lease. Same worker, same broker, in
turns: one at a time (how long somebody waits), and a backlog that one transaction wants (how many a second the worker does).
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from bench.measure import Row, compare

ONE_AT_A_TIME: Final = 100
BACKLOG: Final = 300

Want = Callable[[int], None]


def run() -> list[Row]:
    with worker():
        return [
            side_by_side(what, want, how, ask, count)
            for what, want in (
                ("durable job", partial(want_job, "bench.nothing_in_one_commit")),
                ("durable job under a lease", partial(want_job, "bench.nothing")),
            )
            for how, ask, count in (
                ("one at a time", one_by_one, ONE_AT_A_TIME),
                ("in a backlog", all_at_once, BACKLOG),
            )
        ]


def side_by_side(what: str, want: Want, how: str, ask: Callable[[Want, int], float], count: int) -> Row:
    return compare(
        (f"{what}, end to end over Celery, {how}", lambda: count / ask(want, count)),
        ("a Celery no-op", lambda: count / ask(want_task, count)),
        at_least=0.50,
    )


def want_task(count: int) -> None:
    from aeghash import celery_app

    for _ in range(count):
        celery_app.send_task("bench.nothing", args=[1], retry=False)


def want_job(kind: str, count: int) -> None:
    from django.db import transaction

    from aeghash.core.operations.enqueue import enqueue

    with transaction.atomic():
        for _ in range(count):
            enqueue(kind)


def one_by_one(want: Want, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        want(1)
        wait_for(1)
    return time.perf_counter() - began


def all_at_once(want: Want, count: int) -> float:
    began = time.perf_counter()
    want(count)
    wait_for(count)
    return time.perf_counter() - began


def wait_for(count: int) -> None:
    from bench.job_kinds import DONE, client

    for _ in range(count):
        if client.blpop([DONE], timeout=60) is None:
            raise TimeoutError("the worker does nothing")


@contextmanager
def worker() -> Iterator[None]:
    pool = ("--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle", "--without-heartbeat")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "aeghash",
        "worker",
        *pool,
        "-I",
        "bench.job_kinds",
        "-l",
        "WARNING",
    ]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
    try:
        want_task(1)
        wait_for(1)
        yield
    finally:
        process.terminate()
        process.wait()
