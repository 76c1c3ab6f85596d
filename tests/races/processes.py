"""Real processes of the product on the test's own database, to be killed, paused and woken."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import connections

ROOT = Path(__file__).resolve().parents[2]


def eventually(is_so: Callable[[], Any], *, within: float = 20.0, every: float = 0.05) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(every)
    return bool(is_so())


class Processes:
    """Workers that know the test's own kinds of jobs (`kinds`, a module), and are gone when the block ends.

    `REDIS_URL=""` keeps them away from the broker; `PAUSE_AT` names a checkpoint where they stop until they are woken;
    `DIES_AT` is the number of checkpoints they pass before they kill themselves.
    """

    def __init__(self, *, kinds: str, **environment: str) -> None:
        self.kinds = kinds
        self.environment = {**os.environ, "DATABASE_URL": _url_of_the_test_database(), **environment}
        self.all: list[subprocess.Popen[bytes]] = []
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the block

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, failed: type[BaseException] | None, _e: object, _t: TracebackType | None) -> None:
        for process in self.all:
            self.kill(process)
        if failed:
            print(self.said()[-5000:])
        self.log.close()

    def run_jobs(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        return self.start("run_jobs", *words, **environment)

    def celery_worker(self, **environment: str) -> "subprocess.Popen[bytes]":
        pool = (
            "--pool",
            "threads",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        )
        return self.start("celery", "worker", *pool, "--loglevel", "WARNING", **environment)

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.races.worker", self.kinds, *words],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self.all.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.wait()

    def pause(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGSTOP)

    def wake(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


def _url_of_the_test_database() -> str:
    """As the application's role."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connections['default'].settings_dict['NAME']}"))
