"""A durable job, from the transaction that wants it to its end in the database, against a Celery task that does nothing.

Same worker, same broker, in turns: one at a time (how long somebody waits), and a backlog (how many a second).
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROUNDS = 7
ONE_AT_A_TIME = 100
BACKLOG = 300


def run() -> dict[str, list[float]]:
    """Per way of asking, the ratio of each round: the task's time to the job's."""
    with worker():
        one_round(ONE_AT_A_TIME, one_by_one)  # warms up connections and caches
        return {
            "one at a time": [one_round(ONE_AT_A_TIME, one_by_one) for _ in range(ROUNDS)],
            "backlog": [one_round(BACKLOG, all_at_once) for _ in range(ROUNDS)],
        }


def one_round(count: int, ask: Callable[[Callable[[], None], int], float]) -> float:
    task, job = ask(want_task, count), ask(want_job, count)
    print(f"  {ask.__name__:12} task {count / task:7.0f}/s   job {count / job:7.0f}/s   {task / job:.2f}")
    return task / job


def want_task() -> None:
    from aeghash import celery_app

    celery_app.send_task("bench.nothing", args=[1], retry=False)


def want_job() -> None:
    from django.db import transaction

    from aeghash.core.operations.enqueue import enqueue

    with transaction.atomic():
        enqueue("bench.nothing")


def one_by_one(want: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        want()
        wait_for(1)
    return time.perf_counter() - began


def all_at_once(want: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        want()
    wait_for(count)
    return time.perf_counter() - began


def wait_for(count: int) -> None:
    from bench.job_kinds import DONE, client

    for _ in range(count):
        if client.blpop([DONE], timeout=30) is None:
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
        want_task()
        wait_for(1)
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    from tests import services

    services.start()
    os.environ["DJANGO_SETTINGS_MODULE"] = "aeghash.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name, ratios in run().items():
        print(f"{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
