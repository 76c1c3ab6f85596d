"""The pages of a history."""

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Refused
from aeghash.sandbox.timeline import DAY, midnight

PAGE_LIMIT = 1000
USUAL_LIMIT = 10


class Entry(Protocol):
    """A row of a history; `place` (moment made, serial) is its place in it."""

    @property
    def place(self) -> tuple[int, int]: ...

    def row(self) -> JsonObject: ...


E = TypeVar("E", bound=Entry)


class History(Generic[E]):
    """Entries that are listed, kept in the order they were made, so that a page costs no walk."""

    def __init__(self) -> None:
        self._entries: list[E] = []

    def add(self, entry: E) -> None:
        insort(self._entries, entry, key=_place)

    def __contains__(self, entry: E) -> bool:
        index = bisect_left(self._entries, entry.place, key=_place)
        return index < len(self._entries) and self._entries[index] is entry

    def span(self, start: int | None, end: int | None) -> tuple[int, int]:
        """Return the half-open range of indexes made from `start` up to, not with, `end`."""
        low = 0 if start is None else bisect_left(self._entries, (start, 0), key=_place)
        high = len(self._entries) if end is None else bisect_left(self._entries, (end, 0), key=_place)
        return low, max(low, high)

    def __getitem__(self, chosen: slice) -> list[E]:
        return self._entries[chosen]


def _place(entry: Entry) -> tuple[int, int]:
    return entry.place


@dataclass(frozen=True)
class Query:
    page: int = 1
    limit: int = USUAL_LIMIT
    start: int | None = None
    end: int | None = None
    newest_first: bool = True

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Query":
        last_day = _day(arguments, "endDate")
        first_day = _day(arguments, "startDate")
        newest_first = arguments.get("sort", True)
        if not isinstance(newest_first, bool):
            raise Refused("Invalid Parameter: sort")
        return cls(
            page=_whole(arguments, "page", 1, None),
            limit=_whole(arguments, "limit", USUAL_LIMIT, PAGE_LIMIT),
            start=None if first_day is None else midnight(first_day),
            end=None if last_day is None else midnight(last_day) + DAY,
            newest_first=newest_first,
        )


def read_page(history: History[E], query: Query, *, before: int | None = None) -> JsonObject:
    """Return a page as `data` and `pagination`; rows made at or after `before` aren't there yet."""
    ends = [end for end in (query.end, before) if end is not None]
    low, high = history.span(query.start, min(ends, default=None))
    start = (query.page - 1) * query.limit
    if query.newest_first:
        entries = history[max(low, high - start - query.limit) : max(low, high - start)][::-1]
    else:
        entries = history[min(high, low + start) : min(high, low + start + query.limit)]
    return _paged([entry.row() for entry in entries], query, total=high - low)


def _paged(rows: list[JsonObject], query: Query, *, total: int) -> JsonObject:
    pages = -(-total // query.limit)
    pagination = {
        "totalPage": pages,
        "total": total,
        "currentPage": query.page,
        "count": len(rows),
        "hasNext": query.page < pages,
    }
    return {"data": rows, "pagination": pagination}


def _whole(arguments: Mapping[str, Any], name: str, usual: int, most: int | None) -> int:
    value = arguments.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or (most and value > most):
        raise Refused(f"Invalid Parameter: {name}")
    return value


def _day(arguments: Mapping[str, Any], name: str) -> date | None:
    return None if arguments.get(name) is None else parse_day(arguments[name], name)


def parse_day(value: object, name: str) -> date:
    """Return the date of `YYYY-MM-DD`, and nothing else that Python would take for a date."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise Refused(f"Invalid Parameter: {name}")
    return day
