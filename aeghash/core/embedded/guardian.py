"""Runs one server for as long as somebody holds a lock; stops it when nobody does.

Started as a script (python -I -S guardian.py JSON), so that it is small and needs nothing installed. The JSON names:

command, cwd    what to run, in this process's own group
user            [uid, gid] to run it as, or null
lock            the file whose lock means that nobody needs the server any more
lock_is_shared  whether a shared lock says so (many servers of one holder) or only an exclusive one (many holders)
own_lock_fd     an inherited, locked descriptor: while it is locked this guardian lives
pid_file        where the server's process id is written at each start
log             where the server's output goes
stop_signals    sent in turn, each with `grace` seconds, before SIGKILL
death_signal    what the server gets if the guardian is killed, where the kernel can do that (Linux)
most_deaths     more than these within a minute, and the guardian gives up with exit status 1
remove          folders to delete afterwards (throw-away servers)
"""

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Guardian:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.server: subprocess.Popen[bytes]
        self.stopping = threading.Event()
        self.deaths: list[float] = []

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.set_inheritable(self.task["own_lock_fd"], False)
        threading.Thread(target=self.wait_for_nobody, daemon=True).start()
        status = self.keep_running()
        for folder in self.task.get("remove", ()):
            shutil.rmtree(folder, ignore_errors=True)
        return status

    def keep_running(self) -> int:
        while not self.stopping.is_set():
            self.start()
            while self.server.poll() is None and not self.stopping.wait(0.1):
                pass
            if self.stopping.is_set():
                break
            if self.dies_too_often():
                return 1
            time.sleep(0.3)  # a killed PostgreSQL's own children let go of its memory in this time
        self.stop()
        return 0

    def start(self) -> None:
        user, group = self.task["user"] or (None, None)
        with open(self.task["log"], "ab") as log:
            self.server = subprocess.Popen(
                self.task["command"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.task["cwd"],
                user=user,
                group=group,
                extra_groups=[] if user is not None else None,
                preexec_fn=self.die_together,
            )
        with open(self.task["pid_file"], "w") as file:
            file.write(str(self.server.pid))

    def die_together(self) -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, self.task["death_signal"])

    def dies_too_often(self) -> bool:
        now = time.monotonic()
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        return len(self.deaths) > int(self.task["most_deaths"])

    def stop(self) -> None:
        for number in (*self.task["stop_signals"], signal.SIGKILL):
            if self.server.poll() is not None:
                return
            self.server.send_signal(number)
            try:
                self.server.wait(self.task["grace"])
            except subprocess.TimeoutExpired:
                continue

    def wait_for_nobody(self) -> None:
        """Keeps the lock until the process ends: a new user waits for that, and starts a new guardian."""
        lock = os.open(self.task["lock"], os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_SH if self.task["lock_is_shared"] else fcntl.LOCK_EX)
        self.stopping.set()

    def on_signal(self, *_: object) -> None:
        self.stopping.set()


if __name__ == "__main__":
    sys.exit(Guardian(json.loads(sys.argv[1])).run())
