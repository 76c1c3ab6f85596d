"""What stops the start: one clear sentence, exit status 2, nothing broken and nothing left running."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from aeghash.core.embedded.folder import DataFolder
from tests.up.product import ROOT, Product

pytestmark = pytest.mark.xdist_group("up")


def refusal(product: Product) -> str:
    with product:
        assert product.end() == 2, product.text
        said = product.text.strip().splitlines()
        assert "Traceback" not in product.text
        return said[-1]


def test_a_busy_port(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert refusal(Product(data, "--port", port)) == (
            f"up: Port {port} is busy: stop what listens there, or name another with --port."
        )
    assert not (data / "postgres").exists()


def test_running_twice(data: Path, port: str) -> None:
    with Product(data, "--port", port, "--no-demo", "--no-sandbox") as first:
        first.wait_until_ready()
        second = Product(data, "--port", "1")
        second.data = data.with_name("second")  # its output goes elsewhere
        with second:
            assert second.end() == 2
            assert "It is already running on" in second.text
        assert first.process.poll() is None


def test_a_file_in_the_folder_s_place(data: Path, port: str) -> None:
    data.write_text("mine")
    assert "is a file, not a data folder" in refusal(Product(data, "--port", port))
    assert data.read_text() == "mine"


def test_a_folder_with_somebody_else_s_files(data: Path, port: str) -> None:
    data.mkdir()
    (data / "thesis.txt").write_text("mine")
    assert "holds files that are not AEG Hash's" in refusal(Product(data, "--port", port))
    assert [path.name for path in data.iterdir()] == ["thesis.txt"]


def test_a_half_written_marker(data: Path, port: str) -> None:
    data.mkdir()
    (data / "aeghash.json").write_text('{"form')
    assert "is half-written or not ours" in refusal(Product(data, "--port", port))


def test_a_folder_of_another_version(data: Path, port: str) -> None:
    data.mkdir()
    (data / "aeghash.json").write_text(json.dumps({"format": 99}))
    assert "was written by another version" in refusal(Product(data, "--port", port))


def test_a_half_written_database(data: Path, port: str) -> None:
    folder = DataFolder(data)
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "base").write_text("")
    assert "is a half-written or foreign database folder" in refusal(Product(data, "--port", port))
    assert (folder.path / "postgres" / "base").exists()


def test_a_database_of_another_postgresql(data: Path, port: str) -> None:
    folder = DataFolder(data)
    (folder.path / "postgres" / "global").mkdir(parents=True)
    (folder.path / "postgres" / "global" / "pg_control").write_text("")
    (folder.path / "postgres" / "PG_VERSION").write_text("15\n")
    assert "belongs to PostgreSQL 15, and this is 18" in refusal(Product(data, "--port", port))


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="needs a user who may be refused")
def test_no_write_permission(data: Path, port: str) -> None:
    data.parent.chmod(0o555)
    product = Product(data, "--port", port)
    product.data = Path("/tmp") / f"{data.parent.name}-refused"
    if os.geteuid() == 0:  # root may write anywhere: somebody else is asked
        product.command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *product.command]
    try:
        if os.geteuid() == 0 and not readable_by_all(ROOT):
            pytest.skip("the checkout itself is closed to others")
        assert "No write permission in" in refusal(product)
    finally:
        data.parent.chmod(0o755)
        product.output.unlink(missing_ok=True)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root makes a small disk")
def test_a_full_disk(data: Path, port: str) -> None:
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(data)], capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        assert "The disk is full:" in refusal(Product(data, "--port", port))
    finally:
        subprocess.run(["umount", str(data)], check=True)


def test_a_port_that_is_none(data: Path) -> None:
    assert refusal(Product(data, "--port", "70000")) == "up: 70000 is no port: name one from 1 to 65535."


def test_production(data: Path, port: str) -> None:
    production = {
        "APP_ENV": "production",
        "SECRET_KEY": "k" * 30 + "0123456789" * 3,
        "FIELD_ENCRYPTION_KEYS": "A" * 43 + "=",
        "DATABASE_URL": "postgresql://127.0.0.1:1/x",
        "REDIS_URL": "redis://127.0.0.1:1",
        "HASHDAM_API_KEY": "h",
        "MBLOCK_API_KEY": "m",
        "ALERT_WEBHOOK_URL": "https://hooks.example.com/x",
    }
    assert "this is for development" in refusal(Product(data, "--port", port, environment=production))


def old_pythons() -> list[str]:
    names = [f"python3.{minor}" for minor in range(6, 11)]
    found = [path for name in names if (path := shutil.which(name))]
    return [path for path in found if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0]


@pytest.mark.parametrize("goal", ["base", "dev"])
def test_too_old_a_python(goal: str, tmp_path: Path) -> None:
    """With a real old one where the machine has it, and with a lie about its version in any case."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    lie = "import sys; sys.version_info = (3, 10, 0, 'final', 0); sys.argv = ['install.py', {!r}]; "
    run = "import runpy; runpy.run_path('requirements/install.py', run_name='__main__')"
    commands = [[sys.executable, "-c", lie.format(goal) + run]]
    commands += [[python, "requirements/install.py", goal] for python in old_pythons()]
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 2
        assert "Python 3.11 to 3.14 is needed" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["requirements"]


def readable_by_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))
