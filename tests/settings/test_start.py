"""Starting with good and bad variables, as a process of its own: what it says and how it ends."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-2f7b"
GOOD = {
    "APP_ENV": "production",
    "SECRET_KEY": f"{CANARY}-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKL",
    "DATABASE_URL": f"postgresql://app:{CANARY}@127.0.0.1:1/x",
    "REDIS_URL": f"redis://:{CANARY}@127.0.0.1:1/0",
    "FIELD_ENCRYPTION_KEYS": base64.b64encode(bytes(range(32))).decode(),
    "HASHDAM_API_KEY": CANARY,
    "MBLOCK_API_KEY": CANARY,
    "ALERT_WEBHOOK_URL": f"https://hooks.example.com/{CANARY}",
}
REQUIRED = sorted(set(GOOD) - {"APP_ENV"})


def start(variables: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | variables
    command = [sys.executable, "manage.py", *(words or ("check",))]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_production_with_all_it_needs_is_clean() -> None:
    done = start(GOOD, "check", "--deploy", "--fail-level", "DEBUG")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_everything_missing_is_named_at_once_a_line_each() -> None:
    done = start({"APP_ENV": "production"})
    assert done.returncode == 2
    assert sorted(line.split()[0] for line in done.stderr.splitlines()[1:]) == REQUIRED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("APPROVAL_OTP_REQUIRED", "false"),
        ("WITHDRAWAL_TWO_STEP_REQUIRED", CANARY),
        ("ALLOWED_HOSTS", "*"),
        ("SECRET_KEY", CANARY),
        ("FIELD_ENCRYPTION_KEYS", CANARY),
        ("DATABASE_URL", f"mysql://{CANARY}@x/y"),
        ("DATABASE_OWNER_URL", CANARY),
        ("DATABASE_POOL_SIZE", CANARY),
        ("REDIS_URL", f"http://{CANARY}"),
        ("HASHDAM_API_BASE_URL", f"http://{CANARY}.example.com"),
        ("HASHDAM_IP_ALLOWLIST", CANARY),
        ("MBLOCK_TRANSIT_FEE", CANARY),
        ("ALERT_WEBHOOK_URL", f"http://{CANARY}.example.com"),
        ("TRUSTED_PROXIES", CANARY),
        ("APP_ENV", CANARY),
        ("RISK_AMOUNT_REVIEW", CANARY),
        ("RISK_AMOUNT_BLOCK", "USDT:0"),
        ("RISK_COUNT_24H_BLOCK", CANARY),
        ("RISK_COUNT_7D_REVIEW", "0"),
        ("RISK_NEW_DEVICE", CANARY),
        ("RISK_NEW_DEVICE_HOURS", "-1"),
        ("RISK_AMUONT_BLOCK", CANARY),
    ],
)
def test_one_bad_variable_stops_production_and_its_value_is_not_shown(name: str, value: str) -> None:
    done = start({**GOOD, name: value})
    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == [name]
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_all_spellings_of_a_database_url_are_understood(scheme: str) -> None:
    url = f"{scheme}://app:p%40ss@db.example.com:6432/aeg?sslmode=require"
    code = "from django.conf import settings as s; d = s.DATABASES['default']; print(d['HOST'], d['PORT'], d['NAME'])"
    done = start({**GOOD, "DATABASE_URL": url}, "shell", "--no-imports", "-c", code)
    assert done.stdout.split() == ["db.example.com", "6432", "aeg"]


def test_every_variable_of_the_settings_is_explained_in_the_example() -> None:
    explained = {line.partition("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line}
    sources = [path.read_text() for path in (ROOT / "aeghash" / "settings").glob("*.py")]
    read = {word for text in sources for word in _names_read(text)}
    assert len(read) > 25
    assert read <= explained


def _names_read(text: str) -> set[str]:
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
