"""The product as its user starts it: `manage.py up` as a real process, and everything it started."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil
import requests

ROOT = Path(__file__).resolve().parents[2]
OF_THE_TESTS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "APP_ENV")


class Product:
    def __init__(self, data: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.command = [sys.executable, str(ROOT / "manage.py"), "up", "--data-dir", str(data), *options]
        self.environment = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        self.environment |= environment or {}
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        self.output = self.data.with_name(self.data.name + ".out")
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=False
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        assert eventually(lambda: not self.family()), f"left behind: {self.family()}"

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            return re.search(pattern, self.text, re.MULTILINE)

        eventually(lambda: found() or self.process.poll() is not None, seconds)
        match = found()
        assert match, f"no {pattern!r} within {seconds} s:\n{self.text}"
        return match

    def wait_until_ready(self) -> str:
        return self.wait_for(r"^ready (http://127\.0\.0\.1:\d+)$").group(1)

    def end(self) -> int:
        return self.process.wait(30)

    def family(self) -> list[str]:
        """Every process of this data folder, however it was started: its path is among their words or open files."""
        return [" ".join(process.info["cmdline"])[:120] for process in self.processes()]

    def processes(self) -> list[psutil.Process]:
        mark = str(self.data)
        found = []
        for process in psutil.process_iter(["cmdline", "pid", "environ", "status"]):
            words = process.info["cmdline"] or []
            environment = process.info["environ"] or {}
            is_ours = any(mark in word for word in words) or environment.get("AEGHASH_DATA_DIR") == mark
            if is_ours and process.info["pid"] != os.getpid() and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        return found

    def one(self, *words: str) -> psutil.Process:
        """The oldest process with these words in its command line, its guardian aside."""
        found = [
            process
            for process in self.processes()
            if all(word in " ".join(process.info["cmdline"]) for word in words)
            and "guardian.py" not in " ".join(process.info["cmdline"])
        ]
        assert found, f"no process {words} among {self.family()}"
        return min(found, key=lambda process: process.create_time())


def eventually(condition: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def kill(process: psutil.Process) -> None:
    process.send_signal(signal.SIGKILL)
