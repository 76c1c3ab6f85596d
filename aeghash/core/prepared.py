"""Questions that are asked with every call: their SQL is made once.

Django builds the text of a query anew each time, which costs several times what running a lookup by key does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators

Row = TypeVar("Row", bound=Model)

# Stand where the values will: unlike anything that a query may hold by itself.
PLACES: Final = tuple(f"\ue000{number}" for number in range(5))


@dataclass(frozen=True)
class Text:
    """What a query was made into; `related` are the rows that come along with each."""

    sql: str
    order: tuple[int | None, ...]  # of the values; None stands for one of the query's own
    own: tuple[Any, ...]
    model: type[Model]
    columns: Sequence[str]
    converters: Sequence[tuple[int, Sequence[Callable[[Any, Any, Any], Any]], Any]]
    related: Sequence[RelatedPopulator]

    def parameters(self, values: Sequence[Any]) -> list[Any]:
        pairs = zip(self.order, self.own, strict=True)
        return [own if place is None else values[place] for place, own in pairs]


class Prepared(Generic[Row]):
    """`question` takes one text for each value, and gives the rows: without annotations, and without prefetching."""

    def __init__(self, question: Callable[..., QuerySet[Row]], *, values: int) -> None:
        self.question = question
        self.values = values

    @cached_property
    def text(self) -> Text:
        compiler = self.question(*PLACES[: self.values]).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, own = compiler.as_sql()
        own = tuple(own)
        order = tuple(PLACES.index(value) if value in PLACES else None for value in own)
        assert set(order) - {None} == set(range(self.values)), "a value has no place in the query"
        info = compiler.klass_info
        places = info["select_fields"]
        assert places == list(range(len(places))), "the row's own columns come first"
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return Text(
            sql, order, own, info["model"], [compiler.select[place][0].target.attname for place in places],
            [(place, functions, column) for place, (functions, column) in converters.items()],
            get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]  # stubs of the next release
        )  # fmt: skip

    def all(self, *values: str) -> list[Row]:
        text = self.text
        with connection.cursor() as cursor:
            cursor.execute(text.sql, text.parameters(values))
            return [self._instance(text, list(row)) for row in cursor.fetchall()]

    def first(self, *values: str) -> Row | None:
        return next(iter(self.all(*values)), None)

    def _instance(self, text: Text, row: list[Any]) -> Any:
        for place, functions, column in text.converters:
            for function in functions:
                row[place] = function(row[place], column, connection)
        instance = text.model.from_db(DEFAULT_DB_ALIAS, text.columns, row[: len(text.columns)])
        for populator in text.related:
            populator.populate(row, instance)
        return instance
