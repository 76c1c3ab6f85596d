"""Credit charges and power swaps: the same care as for payouts, since what is asked twice is had twice."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.egress import EgressFailure
from aeghash.core.payouts import Accepted, NotReady, NotSent, Outcome, Refused, Unknown
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import must_have_none
from mining.channels.hashdam import CALL_SECONDS, HEALING, PATIENCE, STATUS_OF
from mining.channels.matching import Candidates, candidates, evidence_of
from mining.clients.hashdam import (
    ChargeRow,
    HistoryRow,
    IncompleteReading,
    Remark,
    SwapRow,
    Unreadable,
    charge_credit,
    read_history,
    swap_power,
)
from mining.models import UNSETTLED, OrderKind, PoolOrder, Status

KINDS: Final[dict[str, type[HistoryRow]]] = {OrderKind.CHARGE: ChargeRow, OrderKind.SWAP: SwapRow}
CALLS: Final[dict[str, Any]] = {OrderKind.CHARGE: charge_credit, OrderKind.SWAP: swap_power}
UNREAD: Final = (EgressFailure, IncompleteReading, Remark, Unreadable)
NOT_OURS: Final = "the row of that id is not this order"


@must_have_none()
def begin(*, reference: str, kind: OrderKind, amount: Any) -> PoolOrder:
    """The history's mark and the attempt, committed. Raises NotReady where the history can't be read, or one is open."""
    now = clock.now()
    try:
        rows = history_of(kind, now)
    except UNREAD as failure:
        raise NotReady(f"the history can't be read: {failure}") from None
    mark = {"known": sorted(row.remote_id for row in rows)}
    try:
        with transaction.atomic():
            order = PoolOrder.objects.create(
                reference=reference, kind=kind, amount=amount, mark=mark, marked_at=now, deadline=now + PATIENCE
            )
    except IntegrityError:
        raise NotReady("another one of this amount is open") from None
    checkpoint("orders: attempt written")
    return order


@must_have_none()
def submit(order: PoolOrder) -> Outcome:
    """Once: the claim's conditional UPDATE lets only one caller through, and only in time."""
    now = clock.now()
    if kill_switch.is_on() or now + timedelta(seconds=CALL_SECONDS) >= order.deadline:
        return NotSent("stopped, or too late") if give_up_uncalled(order, "stopped, or too late") else _lost()
    checkpoint("orders: before the claim")
    if not _uncalled(order).update(called_at=now):
        return _lost()
    checkpoint("orders: before the call")
    outcome: Outcome = CALLS[order.kind](order.amount, deadline=CALL_SECONDS)
    checkpoint("orders: after the call")
    return _keep(order, outcome)


def give_up_uncalled(order: PoolOrder, reason: str) -> bool:
    """Nobody has called for it, and nobody will any more: whoever comes to the claim late finds it closed."""
    now = clock.now()
    return bool(_uncalled(order).update(status=Status.NOT_SENT, reason=reason, settled_at=now))


@must_have_none()
def look(order: PoolOrder) -> Status:
    """Binds it to its row, or follows that to its end; without one it is left to people when its time is over."""
    try:
        rows = history_of(order.kind, order.marked_at)
    except UNREAD:
        return _overdue(order, "the history can't be read", {})
    if order.remote_id:
        found = next((row for row in rows if row.remote_id == order.remote_id), None)
        if found is None:
            return Status(order.status)
        return bind(order, found) if found.amount == order.amount else _to_people(order, NOT_OURS, [found])
    free = free_rows(order, rows)
    if len(free.matching) == 1:
        return bind(order, free.matching[0])
    evidence = {"looked": clock.now().isoformat(), "rows": [evidence_of(row) for row in free.matching]}
    return _overdue(order, "rows that cannot be told apart" if free.matching else "absent", evidence)


def history_of(kind: str, since: datetime) -> list[HistoryRow]:
    """Raises one of UNREAD, also where a row can't be believed: it may be the one that is looked for."""
    reading = read_history(KINDS[kind], startDate=since.date() - timedelta(days=1))
    if reading.bad:
        raise IncompleteReading("rows that can't be believed")
    return reading.rows


def free_rows(order: PoolOrder, rows: Sequence[HistoryRow]) -> Candidates[HistoryRow]:
    """What may be the order: of its amount, made since, and nobody else's."""
    others = PoolOrder.objects.filter(kind=order.kind, remote_id__isnull=False).exclude(pk=order.pk)
    taken = {str(taken) for taken in others.values_list("remote_id", flat=True)}
    return candidates(
        rows, fits=lambda row: row.amount == order.amount, known=order.mark["known"], taken=taken, since=order.marked_at
    )


def bind(order: PoolOrder, row: HistoryRow) -> Status:
    status = Status.COMPLETED if row.status == "completed" else Status.SUBMITTED
    settled = clock.now() if status == Status.COMPLETED else None
    _unsettled(order).update(status=status, remote_id=row.remote_id, evidence=evidence_of(row), settled_at=settled)
    checkpoint("orders: bound")
    return status


def _uncalled(order: PoolOrder) -> QuerySet[PoolOrder]:
    return PoolOrder.objects.filter(pk=order.pk, status=Status.SUBMITTING, called_at__isnull=True)


def _unsettled(order: PoolOrder) -> QuerySet[PoolOrder]:
    """Never over a final status: it stands, whatever a late reading shows."""
    return PoolOrder.objects.filter(pk=order.pk, status__in=UNSETTLED)


def _lost() -> Outcome:
    return Unknown("another delivery has called, or will")


def _keep(order: PoolOrder, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Accepted) and outcome.remote_id in order.mark["known"]:
        outcome = Unknown("an id that was there before")
    try:
        with transaction.atomic():
            _write(order, outcome)
    except IntegrityError:
        outcome = Unknown("an id that another order has")
        _write(order, outcome)
    checkpoint("orders: outcome stored")
    return outcome


def _write(order: PoolOrder, outcome: Outcome) -> None:
    values: dict[str, Any] = {"status": STATUS_OF[type(outcome)]}
    values |= {"remote_id": outcome.remote_id} if isinstance(outcome, Accepted) else {"reason": outcome.reason[:500]}
    if isinstance(outcome, NotSent | Refused):
        values["settled_at"] = clock.now()
    # The reconciler may have found it meanwhile: what it wrote rests on proof.
    PoolOrder.objects.filter(pk=order.pk, status=Status.SUBMITTING).update(**values)


def _overdue(order: PoolOrder, reason: str, evidence: dict[str, Any]) -> Status:
    latest = order.deadline + timedelta(seconds=2 * settings.HASHDAM_LISTING_DELAY_SECONDS) + HEALING
    if order.remote_id or order.status == Status.MANUAL_REVIEW or clock.now() < latest:
        return Status(order.status)
    return _for_people(order, reason, evidence)


def _to_people(order: PoolOrder, reason: str, rows: Sequence[HistoryRow]) -> Status:
    return _for_people(order, reason, {"rows": [evidence_of(row) for row in rows]})


def _for_people(order: PoolOrder, reason: str, evidence: dict[str, Any]) -> Status:
    # Where another open order of the same kind and amount forbids it, that one is before people already.
    with suppress(IntegrityError), transaction.atomic():
        _unsettled(order).update(status=Status.MANUAL_REVIEW, remote_id=None, reason=reason, evidence=evidence)
    checkpoint("orders: to people")
    return Status.MANUAL_REVIEW
