"""Migrations: none missing, and forward from nothing, back to nothing, forward again on a database of their own."""

import io
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command

from tests.database import connect_as_owner

ROOT = Path(__file__).resolve().parents[2]
OURS = ["core", "organization", "wallets", "mining", "risk", "withdrawals", "bonus", "partners"]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


@pytest.mark.django_db
def test_forward_from_zero_and_back_to_zero(django_db_setup: None) -> None:
    name = "migrations_there_and_back"
    with connect_as_owner() as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name}")
        owner.execute(f"CREATE DATABASE {name}")
        url = url_of(name)
        try:
            migrate(url)
            first = schema(url)
            for app in reversed(apps_with_migrations()):
                migrate(url, app, "zero")
            assert {table for table in tables(url) if not table.startswith("django_")} == set()
            migrate(url)
            assert schema(url) == first
        finally:
            owner.execute(f"DROP DATABASE {name}")


def apps_with_migrations() -> list[str]:
    from django.apps import apps

    found = [label for label in OURS if (Path(apps.get_app_config(label).path) / "migrations").exists()]
    return ["contenttypes", "auth", "axes", *found]


def url_of(name: str) -> str:
    config = settings.DATABASES["owner"]
    return f"postgresql://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{name}"


def migrate(url: str, *words: str) -> None:
    import os

    environment = {**os.environ, "DATABASE_OWNER_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def schema(url: str) -> list[object]:
    """Every column, constraint, index, trigger, function and right there is."""
    questions = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'public' ORDER BY 1, 2, 3",
    )
    with psycopg.connect(url) as connection:
        return [connection.execute(question).fetchall() for question in questions]
