"""How many rows, without counting a table that has millions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import F, QuerySet

MOST_COUNTED: Final = 10_000


@dataclass(frozen=True)
class Standing:
    """How many rows, and since when the oldest of them."""

    count: int = 0
    oldest: datetime | None = None


def bounded_counts(querysets: Mapping[str, QuerySet[Any]], most: int) -> dict[str, int]:
    """Each counted up to `most`, all in one question."""
    found = standings({name: (queryset, "") for name, queryset in querysets.items()}, most)
    return {name: standing.count for name, standing in found.items()}


def standings(wanted: Mapping[str, tuple[QuerySet[Any], str]], most: int) -> dict[str, Standing]:
    """The same with the oldest moment in the field that is named, if one is. Beyond `most` rows the oldest is that of
    the first ones by number, which are the oldest ones wherever rows are numbered as they come."""
    parts, values = [], []
    for name, (queryset, since) in wanted.items():
        rows = queryset.order_by("pk").values(waits_since=F(since)) if since else queryset.order_by().values("pk")
        try:
            sql, parameters = rows[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        oldest = "min(waits_since)" if since else "NULL::timestamptz"
        parts.append(f"SELECT %s, count(*), {oldest} FROM ({sql}) AS part")  # noqa: S608 - Django's own SQL, values apart
        values += [name, *parameters]
    found = {name: Standing() for name in wanted}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            found |= {name: Standing(count, oldest) for name, count, oldest in cursor.fetchall()}
    return found


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
