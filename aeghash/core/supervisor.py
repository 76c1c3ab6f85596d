"""Everything of the product as real processes on one machine: started in order, watched, stopped together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from aeghash.core.embedded.folder import DataFolder, Refused
from aeghash.core.embedded.preparation import ROOT
from aeghash.core.embedded.server import Server

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEATHS_ALLOWED: Final = 5
DEATHS_WITHIN: Final = 60.0
PAUSE: Final = 0.2


class Stopped(BaseException):
    """Somebody asked us to stop: not an error, and nothing on the way may catch it as one."""


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    deaths: list[float] = field(default_factory=list)


class Supervisor:
    def __init__(self, folder: DataFolder, environment: dict[str, str], say: Callable[[str], None]) -> None:
        self.folder = folder
        self.environment = environment
        self.say = say
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str]) -> Server:
        child = Child(name, command)
        self.children.append(child)
        self._spawn(child)
        return self._server(child)

    def run(self, command: Sequence[str]) -> str:
        """Something that ends by itself, like `migrate`: its output, which is shown if it fails."""
        done = subprocess.run(command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.stderr.buffer.write(done.stdout)
            raise Refused(f"`manage.py {command[2]}` failed: see above.")
        return done.stdout.decode(errors="replace")

    def watch(self, services: Callable[[], None]) -> None:
        """Until somebody stops us; a child that dies is started again, one that keeps dying ends everything."""
        known = self._service_pids()
        while True:
            time.sleep(PAUSE)
            for child in self.children:
                self._look_after(child)
            services()
            known = self._tell_new_services(known)

    def stop(self) -> None:
        """In the reverse order, so that nobody loses what it works with."""
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
                child.process.wait()
            self._sweep(child)

    def _look_after(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            return
        self._sweep(child)
        now = time.monotonic()
        child.deaths = [death for death in child.deaths if now - death < DEATHS_WITHIN] + [now]
        if len(child.deaths) > DEATHS_ALLOWED:
            raise Refused(f"{child.name} keeps dying: {self._server(child).last_words()}")
        self.say(f"{child.name} died; starting it again (log: {self.folder.log(child.name)})")
        time.sleep(PAUSE)
        self._spawn(child)

    def _spawn(self, child: Child) -> None:
        child.process = self._server(child).spawn(list(child.command))

    def _sweep(self, child: Child) -> None:
        """What a killed guardian may have left in its group, where the kernel doesn't do it."""
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)

    def _server(self, child: Child) -> Server:
        return Server(
            child.name,
            self.folder,
            lock="up.lock",
            lock_is_shared=True,
            grace=4,
            most_deaths=0,
            environment=self.environment,
            cwd=str(ROOT),
        )

    def _service_pids(self) -> dict[str, int | None]:
        return {name: Server(name, self.folder).pid() for name in ("postgres", "redis")}

    def _tell_new_services(self, known: dict[str, int | None]) -> dict[str, int | None]:
        """Their guardians start them again; here it is only made visible."""
        now = self._service_pids()
        for name, pid in now.items():
            if pid != known[name] and known[name] is not None:
                self.say(f"{name} died and was started again (log: {self.folder.log(name)})")
        return now


class Attention:
    """What should end the supervisor from outside: a signal, or the death of the process that started it."""

    def __init__(self, *, follow_parent: bool) -> None:
        self.parent = os.getppid() if follow_parent or meant_to_end_with_parent() else None

    def pay(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        if self.parent is not None:
            # A timer's signal also interrupts waits, so that a dead parent is seen while something else goes on.
            signal.signal(signal.SIGALRM, self._on_timer)
            signal.setitimer(signal.ITIMER_REAL, 1, 1)

    def ignore(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        raise Stopped

    def _on_timer(self, _number: int, _frame: FrameType | None) -> None:
        if os.getppid() != self.parent:
            raise Stopped


def meant_to_end_with_parent() -> bool:
    """Not if it was sent to the background to stay: by nohup, setsid, or a script's `&`, which ignores SIGINT."""
    ignored = (signal.getsignal(number) is signal.SIG_IGN for number in (signal.SIGHUP, signal.SIGINT))
    return not any(ignored) and os.getsid(0) != os.getpid()
