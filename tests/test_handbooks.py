"""What the handbooks say is what the product does: commands, containers, alerts."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
APPS = ["aeghash", "organization", "wallets", "risk", "mining", "bonus", "withdrawals", "partners"]
IN_BOTH = ["operations.md", "operations.ko.md"]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", IN_BOTH)
def test_each_step_of_the_image_stands_in_the_handbook(name: str) -> None:
    steps = re.findall(r"^RUN (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(steps) >= 4
    lines = page(name).splitlines()
    assert [step for step in steps if step not in lines] == []


@pytest.mark.parametrize("name", IN_BOTH)
def test_each_alert_is_explained(name: str) -> None:
    cells = [line.split("|")[1] for line in page(name).splitlines() if line.startswith("| `")]
    explained = [re.sub(r"[:.]?([A-Z…].*)?$", "", text) for cell in cells for text in re.findall(r"`([^`]+)`", cell)]
    keys = set(alert_keys())
    assert len(keys) > 20
    assert [key for key in keys if not any(known and known.startswith(key) for known in explained)] == []


def alert_keys() -> Iterator[str]:
    """The part of each key that the code spells out, up to what names the row."""
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "raise_alert":
                key = next(word.value for word in node.keywords if word.arg == "key")
                first = key.values[0] if isinstance(key, ast.JoinedStr) else key
                assert isinstance(first, ast.Constant), f"{path}: an alert whose key begins with a value"
                yield str(first.value).rstrip(":.")


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_each_command_that_a_page_names_exists(path: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8")))
    assert named - set(get_commands()) - {"help"} == set()


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/**/*.md")), ids=lambda path: path.name)
def test_each_link_of_a_page_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose here")
def test_the_compose_file_is_well_formed(tmp_path: Path) -> None:
    for source, target in (
        ("docker-compose.yml", "docker-compose.yml"),
        (".env.example", "aeghash.env"),
        ("deploy/compose.env.example", ".env"),
    ):
        text = (ROOT / source).read_text(encoding="utf-8")
        (tmp_path / target).write_text(re.sub(r"PASSWORD=$", "PASSWORD=x", text, flags=re.MULTILINE))
    done = subprocess.run(["docker-compose", "config"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for service in ("web", "worker", "beat", "migrate", "postgres", "redis"):
        assert f"\n  {service}:" in done.stdout
    assert done.stdout.count("aeghash_owner:") == 1  # nobody but the migrations knows the owner's password
