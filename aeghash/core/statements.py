"""Statements that are asked all day long in the same words: PostgreSQL reads and plans them once a connection.

Django puts the values into the text, which makes every statement a new one. Here they go beside it, and as long as
`prepare_threshold` isn't None in the connection's options (`DATABASE_PREPARED_STATEMENTS`) the statement stays prepared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


def one_row(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of the answer. Errors, logs and counted queries are Django's."""
    connection.ensure_connection()
    made: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with made(psycopg.Cursor(connection.connection)) as cursor:
        cursor.execute(sql, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
