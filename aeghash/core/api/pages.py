"""Lists come in pages, newest first. A cursor names a row and not a number of rows, so that nothing moves under it."""

from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module

CURSOR: Final = "cursor"
PAGE_SIZE: Final = "page_size"
PARAMETERS: Final = frozenset({CURSOR, PAGE_SIZE})
DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 200
OLDER, NEWER = "older", "newer"


class NewestFirst(BasePagination):
    """By a unique column, for rows of one instant have an order too: the primary key, unless the view names its `page_by`.

    A page costs as much at the end of a million rows as at their beginning.
    """

    def paginate_queryset(  # type: ignore[override]  # sequences are not what we keep
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        self.request = request
        self.column: str = getattr(view, "page_by", "pk")
        size = size_of(request.query_params.get(PAGE_SIZE, str(DEFAULT_SIZE)))
        cursor = request.query_params.get(CURSOR)
        direction, place = self.read(cursor) if cursor is not None else (OLDER, None)
        self.rows, more = page(queryset, self.column, direction, place, size)
        self.has_older = more if direction == OLDER else True
        self.has_newer = more if direction == NEWER else cursor is not None
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.older(), "previous": self.newer(), "results": data})

    def older(self) -> str | None:
        return self.link(OLDER, self.rows[-1]) if self.has_older and self.rows else None

    def newer(self) -> str | None:
        return self.link(NEWER, self.rows[0]) if self.has_newer and self.rows else None

    def link(self, direction: str, row: Model) -> str:
        cursor = signing.dumps([direction, getattr(row, self.column)], salt=self.salt)
        return replace_query_param(self.request.build_absolute_uri(), CURSOR, cursor)

    def read(self, cursor: str) -> tuple[str, Any]:
        try:
            direction, place = signing.loads(cursor, salt=self.salt)
        except signing.BadSignature:
            raise ValidationError({CURSOR: "This cursor is not one of this list's."}, code="bad_cursor") from None
        return direction, place

    @property
    def salt(self) -> str:
        """Signed, so that nobody builds on what is in it; for one list, since a row's id means nothing in another."""
        return f"cursor of {self.request.path}"

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE}
        return [
            query_parameter(CURSOR, {"type": "string"}, "Where the page begins: as given in `next` and `previous`."),
            query_parameter(PAGE_SIZE, size, "How many rows a page has."),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def page(rows: QuerySet[Any], column: str, direction: str, place: Any, size: int) -> tuple[list[Any], bool]:
    """The rows next to the place in that direction, newest first, and whether there are more."""
    if place is not None:
        rows = rows.filter(**{f"{column}__{'lt' if direction == OLDER else 'gt'}": place})
    found = list(rows.order_by(f"-{column}" if direction == OLDER else column)[: size + 1])
    shown = found[:size]
    return shown if direction == OLDER else shown[::-1], len(found) > size


def size_of(text: str) -> int:
    """More than the most is the most; a caller may not know it."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValidationError({PAGE_SIZE: "This is not a number of rows."}, code="invalid")
    return LARGEST_SIZE if len(text) > 9 else min(int(text), LARGEST_SIZE)


def query_parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
