"""What is asked all day long is read and planned once a connection, and is otherwise as any other statement."""

from typing import Any

import pytest
from django.db import DataError, connection, transaction

from aeghash.core.statements import one_row

pytestmark = pytest.mark.django_db

STATEMENT = "SELECT %s::int + 1, now()"


@pytest.fixture(autouse=True)
def _nothing_prepared_yet() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%::int + 1, now()'")
        return int(cursor.fetchone()[0])


def test_it_is_prepared_once() -> None:
    assert [row[0] for row in (one_row(STATEMENT, [number]) for number in range(3)) if row] == [1, 2, 3]
    assert prepared() == 1


def test_behind_a_pooler_that_cannot_keep_it_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    assert one_row(STATEMENT, [1]) is not None
    assert prepared() == 0


def test_values_come_back_as_elsewhere_and_no_row_as_none() -> None:
    row = one_row(STATEMENT, [1])
    assert row is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        assert row[1:] == cursor.fetchone()
    assert one_row("SELECT 1 WHERE %(never)s", {"never": False}) is None


def test_it_is_counted_and_fails_as_any_other(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        one_row(STATEMENT, [1])
    with pytest.raises(DataError), transaction.atomic():
        one_row("SELECT 1 / %s::int", [0])
