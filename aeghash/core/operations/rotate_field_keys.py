"""Encrypting with the newest key what older ones encrypted, so that those can be taken out of the settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import BinaryField, F, Func, Model, QuerySet, Value
from psycopg import sql

from aeghash.core.crypto import EncryptedTextField, Secret, Undecipherable
from aeghash.core.crypto.sealing import HEADER_BYTES, newest_header, seal
from aeghash.core.rows import page
from aeghash.core.transactions import opens_one, with_db_retry

BATCH: Final = 500

Column = EncryptedTextField[Any, Any]


@dataclass
class Rotation:
    """One column's."""

    column: str
    to_do: int
    done: int = 0
    undecipherable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    done: int
    undecipherable: list[str]
    next: Any | None


def rotate_field_keys(*, columns: Sequence[Column], tell: Callable[[Rotation], None]) -> list[Rotation]:
    """Walks the columns in batches, each committed by itself, and tells after each how far it has come.

    Killed at any moment it loses nothing, and begun again it goes on with what is left, for the cipher text itself says
    which key made it. Rows may be read and written meanwhile. What can't be deciphered is named and stays as it is.
    """
    return [_rotate(column, tell) for column in columns]


def _rotate(column: Column, tell: Callable[[Rotation], None]) -> Rotation:
    rotation = Rotation(column=f"{column.model._meta.db_table}.{column.column}", to_do=_stale(column).count())
    after = None
    while True:
        batch = _rotate_batch(column, after)
        rotation.done += batch.done
        rotation.undecipherable += batch.undecipherable
        tell(rotation)
        if batch.next is None:
            return rotation
        after = batch.next


@with_db_retry()
@opens_one()
def _rotate_batch(column: Column, after: Any | None) -> Batch:
    """Locks its rows in the order of their keys; one that was saved since has the newest key already and is left out."""
    stale = page(_stale(column).select_for_update(no_key=True), size=BATCH, after=after, by="pk")
    resealed: dict[Any, bytes] = {}
    undecipherable: list[str] = []
    for row in stale.rows:
        place = column.place(row.pk)
        try:
            secret: Secret = getattr(row, column.attname)
            resealed[row.pk] = seal(secret.reveal(), place)
        except Undecipherable:
            undecipherable.append(str(place))
    _write(column, resealed)
    return Batch(done=len(resealed), undecipherable=undecipherable, next=stale.next)


def _stale(column: Column) -> QuerySet[Model]:
    """What another key than the newest has made. The base manager shows deleted rows too."""
    header = Func(F(column.name), Value(1), Value(HEADER_BYTES), function="substring", output_field=BinaryField())
    filled = column.model._base_manager.filter(**{f"{column.name}__isnull": False}).only(column.name)
    stale: QuerySet[Model] = filled.alias(made_with=header).exclude(made_with=newest_header())
    return stale


def _write(column: Column, resealed: dict[Any, bytes]) -> None:
    """In one statement, beside the ORM: an UPDATE of its own for each row takes four times as long."""
    key = column.model._meta.pk
    statement = sql.SQL(
        "UPDATE {table} SET {column} = new.sealed FROM unnest(%s::{type}[], %s::bytea[]) AS new (row, sealed)"
        " WHERE {table}.{key} = new.row"
    ).format(
        table=sql.Identifier(column.model._meta.db_table),
        column=sql.Identifier(str(column.column)),
        key=sql.Identifier(str(key.column)),
        type=sql.SQL(str(key.db_type(connection))),
    )
    keys = [key.get_db_prep_value(row, connection) for row in resealed]
    with connection.cursor() as cursor:
        cursor.execute(statement, [keys, list(resealed.values())])
