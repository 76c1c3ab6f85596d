"""The whole audit trail, link by link: the queries of invariant A1, in steps that can be shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from aeghash.core import clock
from aeghash.core.audit.chain import BROKEN_HEADS, BROKEN_SEALS, UNSEALED

STEP: Final = 10_000


@dataclass(frozen=True)
class Flaw:
    number: int | None
    audit_id: int | None
    flaw: str

    def __str__(self) -> str:
        place = f"audit row {self.audit_id}" if self.number is None else f"number {self.number}"
        return f"{place}: {self.flaw}"


def last_number() -> int:
    return int(ask("SELECT coalesce(max(number), 0) FROM audit_seals", {})[0][0])


def flaws(up_to: int, show: Callable[[int], None]) -> Iterator[Flaw]:
    """A step at a time, and of each step only what is wrong leaves the database: memory stays as it is."""
    for start in range(1, up_to + 1, STEP):
        span = {"first": start, "last": start + STEP - 1}
        yield from found(BROKEN_SEALS.format(which="seal.number BETWEEN %(first)s AND %(last)s"), span)
        show(min(start + STEP - 1, up_to))
    yield from found(BROKEN_HEADS, {})
    yield from found(UNSEALED, {"now": clock.now(), "since": "0"})


def contradicts(number: int, digest: str) -> Iterator[Flaw]:
    """A head that somebody has read in the alert channel, held against the chain."""
    rows = ask("SELECT encode(hash, 'hex') FROM audit_seals WHERE number = %(number)s", {"number": number})
    if rows != [(digest.lower(),)]:
        yield Flaw(number, None, "is missing: the chain was cut" if not rows else "has another hash than the one told")


def found(query: str, values: dict[str, Any]) -> list[Flaw]:
    return [Flaw(*row) for row in ask(query, values)]


def ask(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
