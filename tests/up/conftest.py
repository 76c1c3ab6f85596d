import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aeghash.core.embedded.server import free_port


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder to be. Not under pytest's own folder, which PostgreSQL's user may not enter."""
    with tempfile.TemporaryDirectory(prefix="aeghash-up-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@pytest.fixture
def port() -> str:
    return str(free_port(0))
