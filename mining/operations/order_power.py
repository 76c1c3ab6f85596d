"""Charge credit at the pool, and swap credit for power. Each takes two people; the call is a durable job's."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import ids, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Refusal
from aeghash.core.models import Severity
from aeghash.core.money import MOST_PLACES, format_amount, parse_amount
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.payouts import NotReady, NotSent, Outcome, Refused
from aeghash.core.transactions import must_have_none
from mining.channels import orders
from mining.models import OPEN, UNSETTLED, HashBalance, OrderKind, PoolOrder, Status
from mining.operations.pay_out_coins import ATTEMPTS, OVER, TryAgain

KIND: Final = "mining.order"


class NotEnoughCredit(Refusal):
    code = "insufficient_credit"
    status = 422
    sentence = _("The pool shows only %(credit)s of credit.")


class OneOpen(Refusal):
    code = "order_open"
    sentence = _("One of this kind and amount is open: nobody could tell the two apart.")


def content_of(kind: OrderKind, amount: Decimal) -> dict[str, Any]:
    """What the proposal says. Refuses what can't be done as things stand; the pool has the last word."""
    balance = HashBalance.objects.order_by("-day").first()
    if kind == OrderKind.SWAP and balance is not None and amount > balance.credit:
        raise NotEnoughCredit(credit=format_amount(balance.credit, 0))
    return {"kind": str(kind), "amount": format_amount(amount, 0)}


@must_have_none()
def place_order(*, reference: str, kind: OrderKind, amount: Decimal) -> Outcome | None:
    """One attempt; as with payouts, three in all, and only where nothing was sent.

    A worker that died before its call has sent nothing: its attempt is closed, so that it can't call when it wakes, and
    the next one takes its place.
    """
    earlier = list(PoolOrder.objects.filter(reference__startswith=f"{reference}#").order_by("pk"))
    if earlier and orders.give_up_uncalled(earlier[-1], "its worker was gone before the call"):
        earlier[-1].refresh_from_db()
    if len(earlier) >= ATTEMPTS or any(row.status not in OVER for row in earlier):
        return None
    try:
        order = orders.begin(reference=f"{reference}#{len(earlier) + 1}", kind=kind, amount=amount)
    except NotReady as not_ready:
        raise TryAgain(not_ready.reason) from None
    outcome = orders.submit(order)
    _note(order, is_last=len(earlier) + 1 >= ATTEMPTS)
    if isinstance(outcome, NotSent) or (isinstance(outcome, Refused) and outcome.passing):
        raise TryAgain(outcome.reason)
    return outcome


@must_have_none()
def reconcile_orders() -> None:
    for order in PoolOrder.objects.filter(status__in=UNSETTLED).order_by("pk"):
        reconcile_order(order=order)


@must_have_none()
def reconcile_order(*, order: PoolOrder) -> None:
    orders.look(order)
    _note(order)


@transaction.atomic
def _note(order: PoolOrder, *, is_last: bool = False) -> None:
    now = PoolOrder.objects.get(pk=order.pk)
    if now.status == order.status:
        return
    record(
        "mining.order_moved", of=now, before={"status": order.status}, after={"status": now.status}, reason=now.reason
    )
    if now.status in (Status.MANUAL_REVIEW, Status.REFUSED) or (is_last and now.status == Status.NOT_SENT):
        raise_alert(
            key=f"mining.order:{now.reference}",
            severity=Severity.CRITICAL,
            sentence=_("A charge or swap at the pool needs people: refused, not sent, or its fate is unknown."),
            reference=now.reference,
            reason=now.reason,
        )


def _execute(content: Content) -> dict[str, Any]:
    kind, amount = OrderKind(content["kind"]), parse_amount(content["amount"], places=MOST_PLACES)
    if PoolOrder.objects.filter(kind=kind, amount=amount, status__in=OPEN).exists():
        raise OneOpen
    content_of(kind, amount)
    reference = f"{kind}:{ids.new_uuid()}"
    enqueue(KIND, key=reference, reference=reference, kind=str(kind), amount=content["amount"])
    return {"reference": reference}


def _described(content: Content) -> dict[Any, Any]:
    balance = HashBalance.objects.order_by("-day").first()
    shown: dict[Any, Any] = {_("amount"): content["amount"]}
    if balance is not None:
        shown |= {
            _("credit now"): format_amount(balance.credit, 0),
            _("power now (MH/s)"): format_amount(balance.power, 0),
        }
        change = Decimal(content["amount"]) * (1 if content["kind"] == OrderKind.CHARGE else -1)
        shown[_("credit afterwards (about)")] = format_amount(balance.credit + change, 0)
    return shown


def _act(kind: str, label: Any) -> Act:
    right = rights.permission("charge_mining")
    execute: Callable[[Content], Any] = _execute
    return declare(
        Act(kind=kind, label=label, may_propose=right, may_approve=right, execute=execute, describe=_described)
    )


CHARGE_CREDIT: Final = _act("mining.charge_credit", _("Charge credit at HashDam"))
SWAP_POWER: Final = _act("mining.swap_power", _("Swap credit for hash power"))
ACTS: Final = {OrderKind.CHARGE: CHARGE_CREDIT, OrderKind.SWAP: SWAP_POWER}
