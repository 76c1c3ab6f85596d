"""The two roles: what the application's may do, and how the tests stand to it."""

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from aeghash.core.models import Heartbeat, User
from tests.database import Owner


def current_role(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(databases=["default", "owner"])
def test_tests_run_as_the_application_on_a_database_the_owner_made() -> None:
    assert current_role("default") == "aeghash_app"
    assert current_role("owner") == "aeghash_owner"
    assert connections["default"].settings_dict["NAME"] == connections["owner"].settings_dict["NAME"]


@pytest.mark.django_db
def test_the_application_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'aeghash_app'"
            " UNION SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = 'aeghash_app'"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE users ADD COLUMN mine int",
        "DROP TABLE users",
        "TRUNCATE users CASCADE",
        "DELETE FROM django_migrations",
        "ALTER TABLE users DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
    ],
)
def test_the_application_may_not(statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_committed_row_is_seen_by_another_connection(owner: Owner) -> None:
    Heartbeat.objects.create(name="test")
    assert owner.execute("SELECT count(*) FROM heartbeats").fetchone() == (1,)


@pytest.mark.django_db
def test_and_is_gone_in_the_next_test_while_seeded_rows_stay() -> None:
    from django.contrib.contenttypes.models import ContentType

    assert not Heartbeat.objects.exists()
    assert not User.objects.exists()
    assert ContentType.objects.exists()
