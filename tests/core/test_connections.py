"""The pool and its limits."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test import override_settings

from aeghash.core.connections import allowed_connections, check_budget
from tests.database import connect_beside

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "value"),
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "1min")],
)
def test_no_statement_lock_or_idle_transaction_lasts_for_ever(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (value,)


def test_a_statement_that_takes_too_long_is_ended() -> None:
    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(5)")


@pytest.mark.django_db(transaction=True)
def test_more_processes_than_postgresql_has_connections_for_do_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    allowed = allowed_connections()
    assert allowed is not None
    with override_settings(DATABASE_POOL_SIZE=10, DATABASE_MAX_OVERFLOW=5):
        check_budget(processes=allowed // 15)
        with pytest.raises(SystemExit) as stopped:
            check_budget(processes=allowed // 15 + 1)
    assert stopped.value.code == 2
    assert f"PostgreSQL allows {allowed}" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_in_the_pool_is_not_handed_out() -> None:
    first = backend()
    connection.close()  # back to the pool
    with connect_beside("default") as beside:
        beside.execute("SELECT pg_terminate_backend(%s)", (first,))
    assert backend() != first


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
