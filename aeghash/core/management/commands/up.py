"""The whole product on this machine, with one command."""

import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from celery import Celery
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from aeghash.core.embedded.folder import DataFolder, Refused
from aeghash.core.embedded.preparation import ROOT, data_folder, start_services
from aeghash.core.embedded.server import Server, free_port
from aeghash.core.supervisor import Attention, Stopped, Supervisor

SANDBOXES: Final = {"hashdam": (8101, "v1"), "mblock": (8102, "bsc")}


class Command(BaseCommand):
    help = (
        "Start everything in one: PostgreSQL and Redis (unless DATABASE_URL and REDIS_URL name others), migrations, both "
        "sandboxes, the workers, demo data and the web server. Ctrl-C stops it all.\n\n"
        "Example: manage.py up --port 8001 --data-dir /tmp/aeghash --no-demo"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--port", type=int, default=8000, help="of the web server on 127.0.0.1 (8000)")
        parser.add_argument("--data-dir", help="where data and logs live (.local, or AEGHASH_DATA_DIR)")
        parser.add_argument("--no-demo", action="store_true", help="without demo data")
        parser.add_argument("--no-sandbox", action="store_true", help="without HashDam's and MBlock's sandboxes")
        parser.add_argument("--follow-parent", action="store_true", help="stop when the starting process is gone")

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.APP_ENV == "production":
            self._refuse("this is for development and demonstration; docs/operations.md tells how servers run it.")
        attention = Attention(follow_parent=options["follow_parent"])
        attention.pay()
        product = None
        status = 0
        try:
            product = Product(options, self.say)
            product.start()
            product.watch()
        except Stopped:
            self.say("stopping")
        except Refused as refusal:
            self.stderr.write(f"up: {refusal}")
            status = 1 if product and product.is_up else 2
        finally:
            attention.ignore()
            if product is not None:
                product.supervisor.stop()
        sys.exit(status)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _refuse(self, sentence: str) -> None:
        self.stderr.write(f"up: {sentence}")
        sys.exit(2)


class Product:
    """What is started, in which order."""

    def __init__(self, options: dict[str, Any], say: Callable[[str], None]) -> None:
        self.options = options
        self.say = say
        self.is_up = False
        self.port = _checked_port(options["port"])
        self.folder = data_folder(options["data_dir"])
        _hold_alone(self.folder)
        _check_port_is_free(self.port)
        self.environment = {**os.environ, "AEGHASH_DATA_DIR": str(self.folder.path), **_development_keys(self.folder)}
        self.supervisor = Supervisor(self.folder, self.environment, say)
        self.steps_done = 0
        self.log_ins: list[str] = []
        self.sandboxes: dict[str, str] = {}

    def start(self) -> None:
        with self.step("PostgreSQL and Redis"):
            self.environment.update(start_services(self.folder))
        if not self.environment.get("REDIS_URL"):
            self.say("warning: no Redis is to be had (none on the PATH): `run_jobs --forever` works the jobs instead")
        with self.step("migrations"):
            self.supervisor.run(manage("migrate", "--no-input", "--verbosity", "0"))
        with self.step("sandboxes of HashDam and MBlock"):
            self._start_sandboxes()
        if not self.options["no_demo"]:
            with self.step("demo data"):
                self.log_ins = self.supervisor.run(manage("seed_demo")).splitlines()
        with self.step("web server and workers"):
            self._start_workers()
            self._start_web()
        self._tell()

    def watch(self) -> None:
        self.supervisor.watch(self._keep_services)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self.steps_done += 1
        steps = 4 if self.options["no_demo"] else 5
        started = time.monotonic()
        self.say(f"[{self.steps_done}/{steps}] {title} …")
        yield
        self.say(f"[{self.steps_done}/{steps}] {title}: ready in {time.monotonic() - started:.1f} s")

    def _start_sandboxes(self) -> None:
        for remote, (port, path) in SANDBOXES.items():
            base, key = f"{remote.upper()}_API_BASE_URL", f"{remote.upper()}_API_KEY"
            if self.environment.get(base) or self.environment.get(f"{base}_FILE") or self.options["no_sandbox"]:
                continue
            root = f"http://127.0.0.1:{free_port(port) or free_port(0)}"
            command = [sys.executable, "-m", "aeghash.sandbox", remote, "--port", root.rpartition(":")[2]]
            server = self.supervisor.start(f"{remote}-sandbox", command)
            self.sandboxes |= {base: f"{root}/{path}", key: f"sandbox-{remote}"}
            server.wait_until(_answers(f"{root}/_books"))
            if remote == "mblock":
                self.sandboxes |= _wallets_of(f"{root}/_books", callback_to=self.port)
        self.environment.update(self.sandboxes)

    def _start_workers(self) -> None:
        if not self.environment.get("REDIS_URL"):
            self.supervisor.start("jobs", manage("run_jobs", "--forever"))
            return
        celery = [sys.executable, "-m", "celery", "-A", "aeghash"]
        pool = ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
        worker = self.supervisor.start("worker", [*celery, "worker", *pool, "--loglevel", "INFO"])
        self.supervisor.start("beat", [*celery, "beat", "-S", "celery.beat:Scheduler", "--pidfile", ""])
        probe = Celery("probe", broker=self.environment["REDIS_URL"])
        worker.wait_until(lambda: bool(probe.control.ping(timeout=0.3)))

    def _start_web(self) -> None:
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        web = self.supervisor.start("web", [sys.executable, "-m", "gunicorn", "aeghash.wsgi", *bind])
        web.wait_until(_answers(f"http://127.0.0.1:{self.port}/readyz"))

    def _keep_services(self) -> None:
        """Their guardians keep them up; this is for a guardian that was itself killed."""
        wanted = [name for name in ("postgres", "redis") if (self.folder.path / f"{name}.json").exists()]
        if all(Server(name, self.folder).lives() for name in wanted):
            return
        self.say("a guardian died; starting its server again")
        start_services(self.folder)

    def _tell(self) -> None:
        self.is_up = True
        self.folder.write("up.json", {"pid": os.getpid(), "port": self.port, "environment": self.sandboxes})
        self.say(f"logs: {self.folder.path / 'log'}")
        for line in self.log_ins:
            self.say(line)
        self.say(f"ready http://127.0.0.1:{self.port}")


def manage(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *words]


def _checked_port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise Refused(f"{port} is no port: name one from 1 to 65535.")
    return port


def _check_port_is_free(port: int) -> None:
    if not free_port(port):
        raise Refused(f"Port {port} is busy: stop what listens there, or name another with --port.")


def _hold_alone(folder: DataFolder) -> None:
    """The lock is also what keeps our children: a dying one's guardians let go of it within seconds."""
    deadline = time.monotonic() + 10
    while folder.hold("up.lock") is None:
        if time.monotonic() > deadline or _is_running(folder.read("up.json").get("pid")):
            raise Refused(f"It is already running on {folder.path}: stop that one first, or name another --data-dir.")
        time.sleep(0.2)


def _is_running(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _development_keys(folder: DataFolder) -> dict[str, str]:
    names = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    given = {name for name in names if os.environ.get(name) or os.environ.get(f"{name}_FILE")}
    return {name: folder.keys[name] for name in names if name not in given}


def _wallets_of(books: str, *, callback_to: int) -> dict[str, str]:
    """Which of the sandbox's wallets the company pays from, as its books name them, and where it calls back."""
    with urllib.request.urlopen(books, timeout=5) as answer:  # noqa: S310 - our own loopback address
        wallets = {wallet["name"]: wallet for wallet in json.load(answer)["wallets"] if wallet["name"]}
    payers = [wallet["address"] for name, wallet in wallets.items() if name.startswith("payout")]
    callback = f"http://127.0.0.1:{callback_to}/api/mblock/callback/{secrets.token_urlsafe(24)}/"
    return {
        "MBLOCK_PAYOUT_WALLETS": ",".join(payers),
        "MBLOCK_TRANSIT_FEE": "0.001",
        "MBLOCK_TRANSIT_FEE_WALLET_KEY": wallets["fee"]["walletKey"],
        "MBLOCK_TRANSIT_CALLBACK_URL": callback,
    }


def _answers(url: str) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    return ask
