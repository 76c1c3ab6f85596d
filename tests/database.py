"""The reset after a test that really committed: as the owner, sparing what migrations seeded.

Django's own flush is a TRUNCATE by the connected role: the application's may not do that, the append-only tables refuse
it, and it would take the seeded rows along.
"""

from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql

Owner = psycopg.Connection[tuple[Any, ...]]


def connect_as_owner() -> Owner:
    return connect_beside("owner")


def connect_beside(alias: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Beside Django's own connections, so that no test's transaction or flush has to do with it."""
    config = connections[alias].settings_dict
    return psycopg.connect(
        host=config["HOST"],
        port=config["PORT"],
        user=config["USER"],
        password=config["PASSWORD"],
        dbname=config["NAME"],
        autocommit=True,
    )


def remember_seeded_rows() -> None:
    """Once, right after the migrations: a copy of every table that isn't empty.

    The product's own schedules are off: nothing runs in a test that the test doesn't start.
    """
    with connect_as_owner() as owner:
        owner.execute("UPDATE schedules SET enabled = false")
        owner.execute("CREATE SCHEMA seeded")
        for table in tables_with_rows(owner):
            name = sql.Identifier(table)
            owner.execute(sql.SQL("CREATE TABLE seeded.{0} AS TABLE public.{0}").format(name))


def reset() -> None:
    with connect_as_owner() as owner:
        # In this mode no trigger refuses and no foreign key is asked: rows go in any order.
        owner.execute("SET session_replication_role = replica")
        with owner.transaction():
            for table in tables_with_rows(owner):
                owner.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(table)))
            for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'seeded'").fetchall():
                name = sql.Identifier(table)
                owner.execute(
                    sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE SELECT * FROM seeded.{0}").format(name)
                )


def tables_with_rows(owner: Owner) -> list[str]:
    tables = [table for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    questions = [
        sql.SQL("(SELECT {} FROM public.{} LIMIT 1)").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    ]
    return [str(table) for (table,) in owner.execute(sql.SQL(" UNION ALL ").join(questions))]


def is_transactional(request: pytest.FixtureRequest) -> bool:
    mark = request.node.get_closest_marker("django_db")
    return "transactional_db" in request.fixturenames or bool(mark and mark.kwargs.get("transaction"))
