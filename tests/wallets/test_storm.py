"""Eight clients post at random, are killed and begin again, PostgreSQL itself dies once: the books are right."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aeghash.core.embedded import postgres
from aeghash.core.embedded.folder import DataFolder
from tests.races.processes import ROOT, _url_of_the_test_database
from tests.wallets.books import make_member
from tests.wallets.random_client import MEMBERS
from wallets.models import Transfer

Environment = dict[str, str]


def run(environment: Environment, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def client(environment: Environment, number: int, count: int) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "tests.wallets.random_client", f"c{number}", str(count)]
    return subprocess.Popen(words, cwd=ROOT, env=environment)


def storm(environment: Environment, *, clients: int, count: int, kills: int, server: Path | None = None) -> None:
    chance = random.Random(7)
    crowd = [client(environment, number, count) for number in range(clients)]
    try:
        for turn in range(kills):
            time.sleep(chance.uniform(2.0, 4.0))
            victim = chance.randrange(clients)
            crowd[victim].kill()
            crowd[victim].wait()
            crowd[victim] = client(environment, victim, count)
            if server and turn == kills // 2:
                os.kill(int(server.read_text()), signal.SIGKILL)
        assert [each.wait(timeout=900) for each in crowd] == [0] * clients
    finally:
        for each in crowd:
            each.kill()
            each.wait()


def check_the_books(environment: Environment, clients: int) -> None:
    told = json.loads(run(environment, "manage.py", "verify_ledger", "--json"))
    assert told["violations"] == []
    assert len(told["owed"]) == 5
    # And they do again: every client repeats itself, and nothing moves.
    for number in range(clients):
        assert client(environment, number, 30).wait() == 0
    assert json.loads(run(environment, "manage.py", "verify_ledger", "--json"))["violations"] == []


@pytest.mark.usefixtures("check_invariants_after")
@pytest.mark.django_db(transaction=True)
def test_a_small_one() -> None:
    for number in range(MEMBERS):
        make_member(f"R-{number}")
    environment = {**os.environ, "DATABASE_URL": _url_of_the_test_database(), "DATABASE_POOL_SIZE": "1"}
    storm(environment, clients=2, count=120, kills=1)
    assert Transfer.objects.count() > 30


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Environment, Path]]:
    """A durable PostgreSQL of our own, whose death is nobody else's."""
    with tempfile.TemporaryDirectory(prefix="aeghash-storm-", ignore_cleanup_errors=True) as path:
        Path(path).chmod(0o711)
        folder = DataFolder(Path(path))
        folder.use()
        environment = {**os.environ, **postgres.ensure(folder), "DATABASE_POOL_SIZE": "1"}
        run(environment, "manage.py", "migrate", "-v", "0")
        yield environment, Path(path) / "postgres.pid"


@pytest.mark.prove
def test_a_full_one_through_a_crash_of_the_server(own_server: tuple[Environment, Path]) -> None:
    environment, pid_file = own_server
    run(environment, "-m", "tests.wallets.random_client", "prepare")
    storm(environment, clients=8, count=2000, kills=10, server=pid_file)
    check_the_books(environment, 8)
