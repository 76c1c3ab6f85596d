"""Read what is new in the pool's histories, and what was not final when it was last read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.audit.values import plain
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.transactions import must_have_none
from mining.clients.hashdam import ChargeRow, HistoryRow, SwapRow, WithdrawalRow, read_history
from mining.models import MiningWithdrawal, Owner, PoolCharge, PoolSwap, PoolWithdrawal, RemoteRow
from mining.models.histories import SKEW
from mining.operations.move_mark import move_mark
from mining.queries.facts import read_up_to, start_of

OVERLAP: Final = timedelta(days=7)
CHUNK: Final = 2000
FINAL: Final = ("completed", "failed", "canceled")


@dataclass(frozen=True)
class History:
    name: str
    kind: type[Any]
    model: type[RemoteRow]
    fields: tuple[str, ...]


WITHDRAWALS: Final = History(
    "withdrawals", WithdrawalRow, PoolWithdrawal, ("coin", "fee", "address", "kind", "message")
)
CHARGES: Final = History("charges", ChargeRow, PoolCharge, ("payer", "address", "price", "coin", "credit"))
SWAPS: Final = History("swaps", SwapRow, PoolSwap, ("credit", "power", "starts_on", "ends_on", "period"))
ALL: Final = (WITHDRAWALS, CHARGES, SWAPS)
COMMON: Final = ("amount", "status", "made_at", "changed_at", "raw")


@must_have_none()
def sync_history(*, history: History, since: date | None = None, tell: Callable[[], None] = lambda: None) -> int:
    """Returns how many rows are new or changed. Raises what a reading that isn't whole raises; then nothing is stored."""
    today, is_first = clock.today(), read_up_to(history.name) is None
    reading = read_history(history.kind, startDate=_start(history, since))
    changed = 0
    for start in range(0, len(reading.rows), CHUNK):
        changed += store_rows(history=history, rows=reading.rows[start : start + CHUNK], is_first=is_first)
        tell()
    if reading.bad:
        _tell_bad(history, reading.bad)
    else:
        move_mark(name=history.name, to=today)
    return changed


def _start(history: History, since: date | None) -> date:
    """What was not final yet is read again, however long ago it was made."""
    start = start_of(history.name, OVERLAP, since)
    oldest = history.model._default_manager.exclude(status__in=FINAL).order_by("made_at").first()
    return start if oldest is None else min(start, oldest.made_at.date())


@transaction.atomic
def store_rows(*, history: History, rows: Sequence[HistoryRow], is_first: bool = False) -> int:
    """Upserts those that say something new. A final status never goes back: a lagging reading is an old one."""
    known = history.model._default_manager.in_bulk([row.remote_id for row in rows], field_name="remote_id")
    wanted = [row for row in rows if _is_news(row, known.get(row.remote_id))]
    made = [_as_model(history, row) for row in wanted]
    if history.model is PoolWithdrawal:
        _say_whose([row for row in made if isinstance(row, PoolWithdrawal) and row.remote_id not in known], is_first)
    history.model._default_manager.bulk_create(
        made, update_conflicts=True, unique_fields=["remote_id"], update_fields=[*COMMON, *history.fields]
    )
    checkpoint("mining: rows stored")
    return len(made)


def _is_news(row: HistoryRow, known: RemoteRow | None) -> bool:
    if known is None:
        return True
    is_back = known.status in FINAL and row.status not in FINAL
    return not is_back and plain(row.raw) != known.raw


def _as_model(history: History, row: HistoryRow) -> RemoteRow:
    return history.model(
        remote_id=row.remote_id,
        amount=row.amount,
        status=row.status,
        made_at=row.created_at,
        changed_at=row.updated_at,
        raw=plain(row.raw),
        **{name: getattr(row, name) for name in history.fields},
    )


def _say_whose(rows: Iterable[PoolWithdrawal], is_first: bool) -> None:
    """What was there before we ever submitted anything isn't ours, and is no theft that we could have noticed."""
    rows = list(rows)
    ours = set(
        MiningWithdrawal.objects.filter(remote_id__in=[row.remote_id for row in rows]).values_list(
            "remote_id", flat=True
        )
    )
    first = MiningWithdrawal.objects.order_by("marked_at").values_list("marked_at", flat=True).first()
    for row in rows:
        if row.remote_id in ours:
            row.owner = Owner.OURS
        elif is_first and (first is None or row.made_at < first - SKEW):
            row.owner, row.explanation = Owner.EXTERNAL, "made before the first reading"


@transaction.atomic
def _tell_bad(history: History, bad: Sequence[tuple[Any, str]]) -> None:
    raise_alert(
        key=f"mining.history:{history.name}",
        severity=Severity.CRITICAL,
        sentence=_("Rows of a history of the pool's can't be believed. The others were taken."),
        history=history.name,
        rows=len(bad),
        first=f"{bad[0][1]}: {str(bad[0][0])[:300]}",
    )
