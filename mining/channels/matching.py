"""Which row of the pool's history a call of ours is: judged from rows alone, so that it can be tested as such."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from aeghash.core.audit.values import plain
from mining.clients.hashdam import HistoryRow
from mining.models.histories import SKEW

Row = TypeVar("Row", bound=HistoryRow)


@dataclass(frozen=True)
class Candidates(Generic[Row]):
    """`matching` may be ours. `digest` names everything that is nobody's yet: equal readings have equal ones."""

    matching: Sequence[Row]
    nobodys: Sequence[str]


def candidates(
    rows: Iterable[Row], *, fits: Any, known: Collection[str], taken: Collection[str], since: datetime
) -> Candidates[Row]:
    """Left out are ids that stood in the history before the call, and those that others of ours have."""
    free = [
        row
        for row in rows
        if row.created_at >= since - SKEW and row.remote_id not in known and row.remote_id not in taken
    ]
    return Candidates([row for row in free if fits(row)], sorted(row.remote_id for row in free))


def evidence_of(row: HistoryRow) -> dict[str, Any]:
    raw = plain(row.raw)
    assert isinstance(raw, dict)
    return raw
