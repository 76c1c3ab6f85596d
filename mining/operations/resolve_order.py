"""Two people settle a charge or swap that nobody can tell the fate of: by its row at the pool, or as not carried out."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from aeghash.core.operations.record import record
from aeghash.core.transactions import must_have_none, needs_one
from mining.channels import orders
from mining.channels.matching import evidence_of
from mining.clients.hashdam import HistoryRow
from mining.models import PoolOrder, Status


class NotInReview(Refusal):
    code = "invalid_state"
    sentence = _("This order is %(status)s: there is nothing to settle.")


class RowDiffers(Refusal):
    code = "row_differs"
    sentence = _("The pool shows no row of this id that can be this order: kind, amount and time must fit.")


class RowMayBeIt(Refusal):
    code = "row_may_be_it"
    sentence = _("The pool shows %(remote_id)s, which may be this order: settle it as carried out.")


class HistoryUnread(Refusal):
    code = "history_unread"
    status = 503
    sentence = _("The pool's history can't be read now, and without it nothing is settled.")


@must_have_none()
def propose_as_done(*, order_id: int, remote_id: str, reason: str, by: User) -> Proposal:
    """The row is read now. Refuses one that can't be the order (`row_differs`), and an order that isn't in review."""
    order = _in_review(order_id)
    row = next((row for row in _free(order) if row.remote_id == remote_id.strip()), None)
    if row is None:
        raise RowDiffers
    content = {"order": order.pk, "remote_id": row.remote_id, "is_completed": row.status == "completed"}
    return propose(act=RESOLVE_AS_DONE, content=content | {"row": evidence_of(row)}, by=by, reason=reason)


@must_have_none()
def propose_as_not_done(*, order_id: int, reason: str, by: User) -> Proposal:
    """Refuses while the pool shows a single row that fits (`row_may_be_it`). Several stay before the two as evidence."""
    order = _in_review(order_id)
    rows = _free(order)
    if len(rows) == 1:
        raise RowMayBeIt(remote_id=rows[0].remote_id)
    evidence = {"looked": clock.now().isoformat(), "rows": [evidence_of(row) for row in rows]}
    return propose(act=RESOLVE_AS_NOT_DONE, content={"order": order.pk, "evidence": evidence}, by=by, reason=reason)


def _in_review(order_id: int) -> PoolOrder:
    order = PoolOrder.objects.filter(pk=order_id).first()
    if order is None:
        raise NotFound
    check_in_review(order)
    return order


def check_in_review(order: PoolOrder) -> None:
    if order.status != Status.MANUAL_REVIEW:
        raise NotInReview(status=order.get_status_display())


def _free(order: PoolOrder) -> list[HistoryRow]:
    try:
        rows = orders.history_of(order.kind, order.marked_at)
    except orders.UNREAD:
        raise HistoryUnread from None
    return list(orders.free_rows(order, rows).matching)


@needs_one()
def _settle_as_done(content: Content) -> str:
    order = _locked(content)
    try:
        status = Status.COMPLETED if content["is_completed"] else Status.SUBMITTED
        return _settle(order, status, remote_id=content["remote_id"], evidence=content["row"])
    except IntegrityError:
        raise RowDiffers from None  # another order was bound to it since


@needs_one()
def _settle_as_not_done(content: Content) -> str:
    return _settle(_locked(content), Status.RELEASED, evidence=content["evidence"])


def _locked(content: Content) -> PoolOrder:
    order = PoolOrder.objects.select_for_update(no_key=True).get(pk=content["order"])
    check_in_review(order)
    return order


def _settle(order: PoolOrder, status: Status, **values: Any) -> str:
    for name, value in values.items():
        setattr(order, name, value)
    order.status = status
    order.settled_at = None if status == Status.SUBMITTED else clock.now()
    order.save(update_fields=["status", "settled_at", *values])
    record(
        "mining.order_settled",
        of=order,
        before={"status": str(Status.MANUAL_REVIEW)},
        after={"status": str(status), "remote_id": order.remote_id},
        reason=order.reason,
    )
    return str(status)


def _described(content: Content) -> Mapping[Any, Any]:
    order = PoolOrder.objects.get(pk=content["order"])
    shown: dict[Any, Any] = {
        _("order"): f"{order.get_kind_display()} #{order.pk}",
        _("amount"): format_amount(order.amount, 0),
        _("reason"): order.reason,
        _("called"): order.called_at.isoformat() if order.called_at else "–",
    }
    if "remote_id" in content:
        return shown | {_("id at the pool"): content["remote_id"], _("row at the pool"): content["row"]}
    return shown | {_("history looked at"): content["evidence"]["looked"], _("rows"): content["evidence"]["rows"]}


def _seen(content: Content) -> Mapping[str, Any]:
    order = PoolOrder.objects.get(pk=content["order"])
    return {"status": order.status, "reason": order.reason, "called_at": order.called_at}


RESOLVE_AS_DONE = declare(
    Act(
        kind="mining.resolve_order_as_done",
        label=_("Settle a charge or swap as carried out"),
        may_propose=rights.RESOLVE_WITHDRAWALS,
        may_approve=rights.RESOLVE_WITHDRAWALS,
        execute=_settle_as_done,
        describe=_described,
        seen=_seen,
    )
)
RESOLVE_AS_NOT_DONE = declare(
    Act(
        kind="mining.resolve_order_as_not_done",
        label=_("Settle a charge or swap as not carried out"),
        may_propose=rights.RESOLVE_WITHDRAWALS,
        may_approve=rights.RESOLVE_WITHDRAWALS,
        execute=_settle_as_not_done,
        describe=_described,
        seen=_seen,
    )
)
