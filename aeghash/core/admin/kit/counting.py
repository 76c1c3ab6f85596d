"""How many rows, without counting a table that has millions."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet

MOST_COUNTED: Final = 10_000


def bounded_counts(querysets: Mapping[str, QuerySet[Any]], most: int) -> dict[str, int]:
    """Each counted up to `most`, all in one question."""
    parts, values = [], []
    for name, queryset in querysets.items():
        try:
            sql, parameters = queryset.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, count(*) FROM ({sql}) AS part")  # noqa: S608 - Django's own SQL, values apart
        values += [name, *parameters]
    if not parts:
        return dict.fromkeys(querysets, 0)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {**dict.fromkeys(querysets, 0), **dict(cursor.fetchall())}


def estimated_rows(table: str) -> int:
    """What the planner believes; good to a few percent where autovacuum runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        return int(cursor.fetchone()[0])


if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class BoundedPaginator(AnyPaginator):
    """Pages through the first ten thousand rows. Whoever looks for one beyond them searches or filters: no page number
    of a moving list finds it anyway, and a deep OFFSET reads all rows before it."""

    @cached_property
    def _counted(self) -> int:
        queryset: Any = self.object_list
        return bounded_counts({"": queryset}, MOST_COUNTED + 1)[""]

    @property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def is_more(self) -> bool:
        return self._counted > MOST_COUNTED

    @cached_property
    def estimate(self) -> int | None:
        """Of the whole list, where nothing narrows it."""
        queryset: Any = self.object_list
        if not self.is_more or queryset.query.where:
            return None
        return max(estimated_rows(queryset.model._meta.db_table), MOST_COUNTED)
