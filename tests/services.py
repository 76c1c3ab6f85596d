"""A throw-away PostgreSQL and Redis for the tests, before Django's settings are read.

Loaded by pytest as a plugin. The servers belong to the process that started them: when it ends, however it ends, their
guardians stop them and delete their folder. Workers of pytest-xdist inherit the addresses.
"""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from aeghash.core.embedded.folder import DataFolder
from aeghash.core.embedded.postgres import CARELESS
from aeghash.core.embedded.preparation import start_services

OWN_ENVIRONMENT = "AEGHASH_TEST_SERVICES"


def start() -> None:
    if OWN_ENVIRONMENT in os.environ:
        return
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "APP_ENV", "AEGHASH_DATA_DIR"):
        os.environ.pop(name, None)
    path = Path(tempfile.mkdtemp(prefix="aeghash-test-"))
    path.chmod(0o711)
    folder = DataFolder(path)
    os.environ.update(start_services(folder, throw_away=True, settings=CARELESS))
    os.environ.update({name: folder.keys[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")})
    os.environ["DATABASE_POOL_SIZE"] = "40"
    os.environ[OWN_ENVIRONMENT] = str(path)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    start()
    return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="the full-size proofs too")
    parser.addoption("--browser-tests", action="store_true", help="the browser tests too (they need Chromium)")
    told = "take the pictures of docs/tour anew (with --browser-tests), of a demo kept in DATA_DIR or of a fresh one"
    parser.addoption("--tour", nargs="?", const="", metavar="DATA_DIR", help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for mark in ("prove", "browser"):
        option = {"prove": "--prove", "browser": "--browser-tests"}[mark]
        if not config.getoption(option):
            skip = pytest.mark.skip(reason=f"needs {option}")
            for item in items:
                if mark in item.keywords:
                    item.add_marker(skip)
