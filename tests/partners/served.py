"""The product's web server as a real process, started as `manage.py up` starts it, on the test's own database."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from aeghash.core.embedded.server import free_port
from tests.partners.world import Mall
from tests.races.processes import _url_of_the_test_database, eventually

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 90.0


class Served:
    def __init__(self, **environment: str) -> None:
        self.port = free_port(0)
        self.environment = {**os.environ, "DATABASE_URL": _url_of_the_test_database(), **environment}

    def __enter__(self) -> "Served":
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "aeghash.wsgi", "--bind", f"127.0.0.1:{self.port}"],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        return self

    def __exit__(self, failed: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill_workers()
            self.process.kill()
            self.process.wait()
        if failed:
            self.log.seek(0)
            print(self.log.read().decode(errors="replace")[-5000:])
        self.log.close()

    def wait_until_ready(self) -> None:
        assert eventually(self.answers, within=STARTS_WITHIN), "the web server doesn't answer"

    def answers(self) -> bool:
        try:
            return self.send("GET", "/healthz", b"", {}).status_code == 200
        except OSError:
            return False

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def kill_workers(self) -> None:
        for worker in self.workers():
            worker.send_signal(signal.SIGKILL)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> "Answer":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()


@dataclass(frozen=True)
class Answer:
    """With the names of the test client's, so that both read alike."""

    status_code: int
    content: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.content)

    def __getitem__(self, name: str) -> str:
        return self.headers[name]

    def __contains__(self, name: str) -> bool:
        return name in self.headers


@dataclass
class ServedMall(Mall):
    """Calls through a real socket."""

    server: Served = field(kw_only=True)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        return self.server.send(method, path, body, headers)
