"""The house stands as it was designed: its apps, its libraries, its commands."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent
APPS = ["organization", "wallets", "risk", "mining", "bonus", "withdrawals", "partners"]
LIBRARIES = {
    "django": "aeghash", "rest_framework": "aeghash", "psycopg": "aeghash", "environ": "aeghash", "requests": "aeghash",
    "axes": "aeghash", "celery": "aeghash", "redis": "aeghash", "factory": "tests",
}  # fmt: skip
# `migrate` is Django's own, made to go as the owner.
OURS = {"aeghash.core", "aeghash.sandbox", *APPS}
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS and name != "migrate")
FLOORS = ["partners", "withdrawals", "mining | bonus", "organization | wallets | risk", "aeghash.core"]


def test_each_floor_stands_where_the_design_puts_it() -> None:
    assert {name.partition(".")[0] for name in settings.INSTALLED_APPS} >= set(APPS)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert [each["layers"] for each in contracts if each["name"].startswith("Floors")] == [FLOORS]
    for app in APPS:
        assert (ROOT / app / "operations").is_dir(), app


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_libraries_that_were_asked_for_are_used(library: str) -> None:
    assert any(library in imports(path) for path in (ROOT / LIBRARIES[library]).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    said = command.create_parser("manage.py", name).format_help()
    assert re.search(rf"[Ee]xamples?:\s+manage\.py .*{name}", said), said
