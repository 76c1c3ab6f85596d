"""Credit charges and power swaps: the same care as for payouts, since what is asked twice is had twice."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.egress import EgressFailure
from aeghash.core.payouts import Accepted, NotReady, NotSent, Outcome, Refused
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import must_have_none
from mining.channels.hashdam import CALL_SECONDS, HEALING, PATIENCE, STATUS_OF
from mining.channels.matching import candidates, evidence_of
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
from mining.models import OrderKind, PoolOrder, Status

KINDS: Final[dict[str, type[HistoryRow]]] = {OrderKind.CHARGE: ChargeRow, OrderKind.SWAP: SwapRow}
CALLS: Final[dict[str, Any]] = {OrderKind.CHARGE: charge_credit, OrderKind.SWAP: swap_power}
UNREAD: Final = (EgressFailure, IncompleteReading, Remark, Unreadable)


@must_have_none()
def begin(*, reference: str, kind: OrderKind, amount: Any) -> PoolOrder:
    """The history's mark and the attempt, committed. Raises NotReady where the history can't be read, or one is open."""
    now = clock.now()
    try:
        rows = read_history(KINDS[kind], startDate=now.date() - timedelta(days=1)).rows
    except UNREAD as failure:
        raise NotReady(f"the history can't be read: {failure}") from None
    mark = {"known": sorted(row.remote_id for row in rows)}
    try:
        with transaction.atomic():
            return PoolOrder.objects.create(
                reference=reference, kind=kind, amount=amount, mark=mark, marked_at=now, deadline=now + PATIENCE
            )
    except IntegrityError:
        raise NotReady("another one of this amount is open") from None


@must_have_none()
def submit(order: PoolOrder) -> Outcome:
    """Once: the claim's conditional UPDATE lets only one caller through, and only in time."""
    now = clock.now()
    mine = PoolOrder.objects.filter(pk=order.pk, status=Status.SUBMITTING, called_at__isnull=True)
    if kill_switch.is_on() or now + timedelta(seconds=CALL_SECONDS) >= order.deadline:
        reason = "stopped, or too late"
        mine.update(status=Status.NOT_SENT, reason=reason, settled_at=now)
        return NotSent(reason)
    if not mine.update(called_at=now):
        return NotSent("another delivery has called")
    checkpoint("orders: before the call")
    outcome: Outcome = CALLS[order.kind](order.amount, deadline=CALL_SECONDS)
    checkpoint("orders: after the call")
    return _keep(order, outcome)


@must_have_none()
def look(order: PoolOrder) -> Status:
    """Binds it to its row, or follows that to its end; without one, two equal readings leave it to people."""
    try:
        rows = read_history(KINDS[order.kind], startDate=order.marked_at.date() - timedelta(days=1)).rows
    except UNREAD:
        return _overdue(order, "the history can't be read")
    if order.remote_id:
        found = [row for row in rows if row.remote_id == order.remote_id]
        return _bind(order, found[0]) if found else Status(order.status)
    others = PoolOrder.objects.filter(kind=order.kind, remote_id__isnull=False)
    taken = {str(taken) for taken in others.values_list("remote_id", flat=True)}
    free = candidates(
        rows, fits=lambda row: row.amount == order.amount, known=order.mark["known"], taken=taken, since=order.marked_at
    )
    if len(free.matching) == 1:
        return _bind(order, free.matching[0])
    return _overdue(order, "rows that cannot be told apart" if free.matching else "absent")


def _keep(order: PoolOrder, outcome: Outcome) -> Outcome:
    values: dict[str, Any] = {"status": STATUS_OF[type(outcome)]}
    values |= {"remote_id": outcome.remote_id} if isinstance(outcome, Accepted) else {"reason": outcome.reason[:500]}
    if isinstance(outcome, Accepted) and outcome.remote_id in order.mark["known"]:
        values = {"status": Status.UNKNOWN, "reason": "an id that was there before"}
    if isinstance(outcome, NotSent | Refused):
        values["settled_at"] = clock.now()
    mine = PoolOrder.objects.filter(pk=order.pk, status=Status.SUBMITTING)
    try:
        with transaction.atomic():
            mine.update(**values)
    except IntegrityError:
        mine.update(status=Status.UNKNOWN, reason="an id that another order has")
    return outcome


def _bind(order: PoolOrder, row: HistoryRow) -> Status:
    status = Status.COMPLETED if row.status == "completed" else Status.SUBMITTED
    settled = clock.now() if status == Status.COMPLETED else None
    PoolOrder.objects.filter(pk=order.pk).exclude(status=Status.COMPLETED).update(
        status=status, remote_id=row.remote_id, evidence=evidence_of(row), settled_at=settled
    )
    return status


def _overdue(order: PoolOrder, reason: str) -> Status:
    latest = order.deadline + timedelta(seconds=2 * settings.HASHDAM_LISTING_DELAY_SECONDS) + HEALING
    if order.remote_id or clock.now() < latest:
        return Status(order.status)
    PoolOrder.objects.filter(pk=order.pk, status__in=(Status.SUBMITTING, Status.UNKNOWN)).update(
        status=Status.MANUAL_REVIEW, reason=reason
    )
    return Status.MANUAL_REVIEW
