"""A history with all its pages, read in parallel, and only ever taken for whole when it is.

Pages are asked oldest first: what is added meanwhile comes behind what was read, instead of pushing it onto the next page.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import BoundedSemaphore
from typing import Any, Final, Generic, TypeVar

from aeghash.core.egress import EgressFailure
from aeghash.core.money import make_arithmetic_exact
from mining.clients.hashdam.calls import Unreadable, ask
from mining.clients.hashdam.rows import BadRow, HistoryRow

LIMIT: Final = 1000
PARALLEL: Final = 8  # calls under way at once: within the door's pool of kept connections
READERS: Final = 2 * PARALLEL  # while one makes rows of its page, another's call is under way
ROUNDS: Final = 4

Row = TypeVar("Row", bound=HistoryRow)
Bad = tuple[Any, str]


class IncompleteReading(Exception):
    """Pages or rows are missing, however often they were asked for: nothing may be concluded from what isn't there."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Row]):
    """Each row once, whatever the pool repeated; `bad` are rows that can't be believed, each with what is wrong."""

    rows: list[Row]
    bad: list[Bad] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page(Reading[Row]):
    number: int = 1
    pages: int = 0
    total: int = 0

    def is_full(self, limit: int) -> bool:
        """With as many rows as it must have: the last one has what is left."""
        due = limit if self.number < self.pages else self.total - limit * (self.pages - 1)
        return len(self.rows) + len(self.bad) >= min(due, self.total)


def read_history(kind: type[Row], *, limit: int | None = None, **arguments: Any) -> Reading[Row]:
    """All rows since `startDate`. Raises IncompleteReading, Remark, Unreadable.

    As many different ids must be there as the pool says there are: a lost page, or a row on two pages while another is on
    none, shows there. What is missing is asked for again a few times.
    """
    asked = {name: value.isoformat() if isinstance(value, date) else value for name, value in arguments.items()}
    limit = limit or LIMIT
    page = partial(_page, kind, {**asked, "limit": limit}, BoundedSemaphore(PARALLEL))
    pages: dict[int, Page[Row]] = {}
    with ThreadPoolExecutor(READERS, initializer=make_arithmetic_exact) as pool:
        for _round in range(ROUNDS):
            wanted = [number for number in _numbers(pages) if number not in pages]
            pages |= {page.number: page for page in pool.map(page, wanted) if page is not None}
            if set(_numbers(pages)) - set(pages):  # now that the first page has told how many there are
                rest = [number for number in _numbers(pages) if number not in pages]
                pages |= {page.number: page for page in pool.map(page, rest) if page is not None}
            reading = _joined(pages)
            if reading is not None:
                return reading
            pages = _worth_keeping(pages, limit)
    raise IncompleteReading(kind.method)


def _numbers(pages: dict[int, Page[Row]]) -> Iterable[int]:
    return range(1, max([1, *(page.pages for page in pages.values())]) + 1)


def _page(kind: type[Row], arguments: dict[str, Any], lines: BoundedSemaphore, number: int) -> Page[Row] | None:
    """None where the line failed: the next round asks again."""
    try:
        with lines:
            answer = ask(kind.method, page=number, sort=False, **arguments)
    except EgressFailure:
        return None
    raws, told = answer.get("data"), answer.get("pagination")
    pages, total = (told.get("totalPage"), told.get("total")) if isinstance(told, dict) else (None, None)
    if not isinstance(raws, list) or type(pages) is not int or type(total) is not int or not 0 <= pages <= total:
        raise Unreadable(kind.method, "shape")
    found: Page[Row] = Page([], number=number, pages=pages, total=total)
    for raw in raws:
        try:
            found.rows.append(kind.of(raw if isinstance(raw, dict) else {}))
        except BadRow as problem:
            found.bad.append((raw, str(problem)))
    return found


def _joined(pages: dict[int, Page[Row]]) -> Reading[Row] | None:
    if set(_numbers(pages)) - set(pages):
        return None
    rows = {row.remote_id: row for page in pages.values() for row in page.rows}
    bad = [bad for page in pages.values() for bad in page.bad]
    is_whole = len(rows) + len(bad) >= max(page.total for page in pages.values())
    return Reading(list(rows.values()), bad) if is_whole else None


def _worth_keeping(pages: dict[int, Page[Row]], limit: int) -> dict[int, Page[Row]]:
    """Short pages are asked for again; where each looks full and rows are missing all the same, all of them."""
    full = {number: page for number, page in pages.items() if page.is_full(limit)}
    return {} if len(full) == len(pages) and not set(_numbers(pages)) - set(pages) else full
