"""Which rights the application's role has on which table.

The owner's role migrates and owns everything; the application's role gets just what it needs, given anew after every
migration. A model that takes less than reading, inserting, updating and deleting says so in `application_rights`. An app
whose migrations take a function from everybody (REVOKE … FROM PUBLIC) names in its config's `application_functions` those
that the application may call.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.db.models import Model
from psycopg import sql

ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
CHANGEABLE: Final = ("SELECT", "INSERT", "UPDATE")
APPEND_ONLY: Final = ("SELECT", "INSERT")
READ_ONLY: Final = ("SELECT",)
NO_MODEL: Final = {"django_migrations": READ_ONLY}


def grant_rights(sender: AppConfig, using: str, **_: Any) -> None:
    """After `migrate`, once per app; does nothing where the application is its own owner (a bare DATABASE_URL)."""
    role = settings.DATABASES["default"]["USER"]
    if using != "owner" or role == settings.DATABASES["owner"]["USER"]:
        return
    rights = {model._meta.db_table: rights_on(model) for model in tables_of(sender)}
    if sender.label == "core":
        rights |= NO_MODEL
    with connections[using].cursor() as cursor:
        for table in set(rights) & set(connections[using].introspection.table_names(cursor)):
            for statement in statements(table, rights[table], role):
                cursor.execute(statement)
        for function in existing_functions(cursor, getattr(sender, "application_functions", ())):
            cursor.execute(callable_by(function, role))


def tables_of(app: AppConfig) -> list[type[Model]]:
    return [model for model in app.get_models(include_auto_created=True) if model._meta.managed]


def rights_on(model: type[Model]) -> tuple[str, ...]:
    return getattr(model, "application_rights", ALL)


def statements(table: str, rights: tuple[str, ...], role: str) -> list[sql.Composed]:
    names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
    given = {"rights": sql.SQL(", ").join(map(sql.SQL, rights)), **names}
    return [
        sql.SQL("REVOKE ALL ON TABLE {table} FROM {role}").format(**names),
        sql.SQL("GRANT {rights} ON TABLE {table} TO {role}").format(**given),
    ]


def existing_functions(cursor: Any, names: Sequence[str]) -> list[str]:
    """With their signatures, and only those that are there: migrations may just have been undone."""
    cursor.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname = ANY(%s)", [list(names)])
    return [signature for (signature,) in cursor.fetchall()]


def callable_by(signature: str, role: str) -> sql.Composed:
    return sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), sql.Identifier(role))


def models_of_the_product() -> list[type[Model]]:
    return [model for app in apps.get_app_configs() for model in tables_of(app)]
