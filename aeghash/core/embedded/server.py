"""What all servers here have in common: a guardian that lives as long as its users, a pid file, a log."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeghash.core.embedded.folder import DataFolder, Refused

GUARDIAN: Final = Path(__file__).with_name("guardian.py")
LONGEST_LOG: Final = 10 * 2**20


@dataclass(frozen=True)
class Server:
    name: str
    folder: DataFolder
    lock: str = "users.lock"
    lock_is_shared: bool = False
    user: tuple[int, int] | None = None
    stop_signals: tuple[int, ...] = (signal.SIGTERM,)
    death_signal: int = signal.SIGKILL
    grace: int = 10
    most_deaths: int = 5
    environment: Mapping[str, str] | None = None
    cwd: str = "/"
    remove: tuple[str, ...] = ()

    def lives(self) -> bool:
        """Its guardian does; the guardian sees to the rest."""
        lock = self.folder.hold(f"{self.name}.lock")
        if lock is None:
            return True
        os.close(lock)
        return False

    def pid(self) -> int | None:
        try:
            return int((self.folder.path / f"{self.name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def port(self) -> int:
        """The one it had before, if that is still free: whoever holds its address keeps it over a restart."""
        wanted = self.folder.read(f"{self.name}.json").get("port", 0)
        port = free_port(wanted) or free_port(0)
        self.folder.write(f"{self.name}.json", {"port": port})
        return port

    def known_port(self) -> int:
        return int(self.folder.read(f"{self.name}.json")["port"])

    def spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        own_lock = self.folder.hold(f"{self.name}.lock")
        if own_lock is None:
            raise Refused(f"{self.name} is being started by another process.")
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARDIAN), json.dumps(self._task(command, own_lock))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._fresh_log().open("ab"),
                env=self.environment,  # the server inherits it; as an argument `ps` would show its secrets
                pass_fds=[own_lock],
                start_new_session=True,
            )
        finally:
            os.close(own_lock)

    def wait_until(self, answers: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not answers():
            if not self.lives() or time.monotonic() > deadline:
                raise Refused(f"{self.name} does not start: {self.last_words()}")
            time.sleep(0.05)

    def last_words(self) -> str:
        lines = self.folder.log(self.name).read_text(errors="replace").strip().splitlines()
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "rror" in line]
        if any("No space left" in line for line in telling[-5:]):
            return "the disk is full."
        return f"{(telling or lines or ['nothing was said'])[-1]} (see {self.folder.log(self.name)})"

    def _task(self, command: list[str], own_lock: int) -> dict[str, object]:
        return {
            "command": command,
            "cwd": self.cwd,
            "user": self.user,
            "lock": str(self.folder.path / self.lock),
            "lock_is_shared": self.lock_is_shared,
            "own_lock_fd": own_lock,
            "pid_file": str(self.folder.path / f"{self.name}.pid"),
            "log": str(self.folder.log(self.name)),
            "stop_signals": self.stop_signals,
            "death_signal": self.death_signal,
            "grace": self.grace,
            "most_deaths": self.most_deaths,
            "remove": self.remove,
        }

    def _fresh_log(self) -> Path:
        log = self.folder.log(self.name)
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".1.log"))
        log.touch()
        return log


def free_port(wanted: int) -> int:
    """`wanted` if it can be had, any for 0, and 0 if it can't."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
        return int(probe.getsockname()[1])
