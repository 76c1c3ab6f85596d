"""What a command needs in its environment before the settings are read."""

import os
import sys
from argparse import ArgumentError, ArgumentParser
from pathlib import Path
from typing import Final

import environ

from aeghash.core.embedded import postgres, redis
from aeghash.core.embedded.folder import DataFolder, Refused

ROOT: Final = Path(__file__).resolve().parents[3]
NEED_NO_DATABASE: Final = {
    "help",
    "up",
    "sandbox",
    "check",
    "collectstatic",
    "spectacular",
    "collect_translations",
    "simulate",
}


def prepare(argv: list[str]) -> None:
    """In development, give a command the servers and keys of the data folder for whatever the environment leaves out."""
    environ.Env.read_env(ROOT / ".env", overwrite=False)
    if os.environ.get("APP_ENV", "development") != "development":
        return
    try:
        folder = data_folder(folder_named_in(argv))
        for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS"):
            if not (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
                os.environ[name] = folder.keys[name]
        if needs_database(argv):
            os.environ.update(start_services(folder))
            for name, value in remotes_of_a_running_product(folder).items():
                os.environ.setdefault(name, value)
    except Refused as refusal:
        print(f"manage.py: {refusal}", file=sys.stderr)
        raise SystemExit(2) from None


def folder_named_in(argv: list[str]) -> str | None:
    """By `up --data-dir`: its keys must be those that commands beside it will find there."""
    if argv[1:2] != ["up"]:
        return None
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--data-dir")
    try:
        found: str | None = parser.parse_known_args(argv[2:])[0].data_dir
    except ArgumentError:  # which the command itself will explain
        return None
    return found


def needs_database(argv: list[str]) -> bool:
    return len(argv) > 1 and argv[1] not in NEED_NO_DATABASE and not {"-h", "--help", "--version"} & set(argv)


def remotes_of_a_running_product(folder: DataFolder) -> dict[str, str]:
    """The addresses of its sandboxes, so that a command beside `up` talks to the same."""
    lock = folder.hold("up.lock", shared=True)
    if lock is None:
        return dict(folder.read("up.json").get("environment", {}))
    os.close(lock)
    return {}


def data_folder(path: str | None = None) -> DataFolder:
    return DataFolder(Path(path or os.environ.get("AEGHASH_DATA_DIR") or ROOT / ".local").absolute())


def start_services(folder: DataFolder, *, throw_away: bool = False, settings: tuple[str, ...] = ()) -> dict[str, str]:
    """The addresses of what the environment doesn't name already. This process counts as a user until it ends."""
    found: dict[str, str] = {}
    folder.use()
    if not (os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")):
        found |= postgres.ensure(folder, throw_away=throw_away, settings=settings)
    if not (os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE")):
        url = redis.ensure(folder)
        found |= {"REDIS_URL": url} if url else {}
    return found
