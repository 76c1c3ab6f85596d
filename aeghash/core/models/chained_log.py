"""A log per object, chained by hash, for writers who hold the object's row locked anyway."""

from typing import Any, ClassVar, Final

import pgtrigger
from django.apps import apps
from django.db import connection, models

from aeghash.core.models.append_only import AppendOnlyModel, OwnFunctionTrigger, RefuseChange

FLAWS: Final = """
    WITH log AS (
        SELECT row AS content, row.id, row.canonical, row.previous_hash, row.hash, row.{chain}::text AS chain,
               coalesce(
                   lag(row.hash) OVER (PARTITION BY row.{chain} ORDER BY row.id),
                   first_link('{table}', row.{chain}::text)
               ) AS expected
        FROM {table} AS row
    )
    SELECT chain, id,
           CASE WHEN previous_hash <> expected THEN 'does not follow the row before it'
                WHEN hash <> chained_hash(previous_hash, canonical) THEN 'its hash is not that of its text'
                ELSE 'its columns are not what its text says'
           END AS flaw
    FROM log
    WHERE previous_hash <> expected
       OR hash <> chained_hash(previous_hash, canonical)
       OR canonical <> canonical_text(content)
"""


class LinkRow(OwnFunctionTrigger):
    """The database finds the row before and hashes, so that SQL functions and the ORM write the same chain."""

    name = "link_row"
    operation = pgtrigger.Insert

    def function_call(self, model: type[models.Model]) -> str:
        return f"link_row('{chain_column(model)}')"


class ChainedLog(AppendOnlyModel):
    """`chain_of` names the foreign key whose rows each have a chain of their own.

    Write with `objects.create(...)` while the object's row is locked. Without that lock two writers may find the same
    last row; the chain can't fork even then, since `previous_hash` is unique: one of them gets an IntegrityError.
    """

    chain_of: ClassVar[str]

    canonical = models.TextField(db_default="", editable=False)
    previous_hash = models.BinaryField(max_length=32, unique=True, db_default=b"", editable=False)
    hash = models.BinaryField(max_length=32, db_default=b"", editable=False)

    class Meta(AppendOnlyModel.Meta):
        abstract = True
        triggers = (RefuseChange(), LinkRow())


def chain_column(model: Any) -> str:
    # Migrations are made from models that keep nothing but their fields.
    known = model if hasattr(model, "chain_of") else apps.get_model(model._meta.label)
    field: Any = known._meta.get_field(known.chain_of)
    return str(field.column)


def flaws_query(model: type[ChainedLog]) -> str:
    """For the catalogue of invariants: rows that are changed, removed (seen at the next one) or slipped in.

    A cut tail leaves no trace in the chain itself; the audit trail's head and the object's status give it away.
    """
    return FLAWS.format(table=model._meta.db_table, chain=chain_column(model))


def flaws(model: type[ChainedLog]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(flaws_query(model))
        return list(cursor.fetchall())
