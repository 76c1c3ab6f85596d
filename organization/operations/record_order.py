"""Take in a paid order."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, strict_json
from aeghash.core.errors import Duplicate, Invalid
from aeghash.core.money import Sign, parse_amount
from aeghash.core.operations.record import record
from aeghash.core.strict_json import BadJson
from aeghash.core.transactions import with_db_retry
from organization.models import Channel, Member, Order

PAID_PLACES: Final = 2
PV_PLACES: Final = 4
CLOCKS_DIFFER: Final = timedelta(minutes=5)
TOLD: Final = ("source", "source_id", "buyer_id", "total_amount", "pv_amount", "channel", "center_id", "paid_at")
LONGEST: Final = {"source": 64, "source_id": 255}
MOST_METADATA: Final = 8 * 1024
NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # the escape, not a backslash that a text holds before "u0000"

# Not through the ORM: with a look before and a savepoint around, it would be five statements. Whoever is quicker with the
# same number is waited for, and then theirs is the known one.
INSERT: Final = """
    INSERT INTO organization_orders (
        source, source_id, buyer_id, total_amount, pv_amount, channel, center_id, paid_at, metadata, created_at
    ) VALUES (
        %(source)s, %(source_id)s, %(buyer_id)s, %(total_amount)s, %(pv_amount)s, %(channel)s, %(center_id)s, %(paid_at)s,
        %(metadata)s, %(created_at)s
    )
    ON CONFLICT (source, source_id) DO NOTHING
    RETURNING id, xid::text::bigint
"""


class OrderExists(Duplicate):
    code = "order_exists"
    sentence = _("Order %(source_id)s exists already, with other contents.")


@with_db_retry()
def record_order(
    *,
    source: str,
    source_id: str,
    buyer: Member,
    total_amount: Decimal,
    pv_amount: Decimal,
    channel: str,
    paid_at: datetime | None = None,
    center: Member | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> tuple[Order, bool]:
    """Write the order down, once for ever, and say whether it is new. Volumes and ranks follow by themselves.

    The same contents again change nothing; a time of payment that isn't told is no difference. Refuses other contents
    under the same number (`order_exists`), and values that no order has, naming the field.

    May be a part of a larger transaction, in which what hangs on the order is written along.
    """
    order = Order(
        source=_text("source", source),
        source_id=_text("source_id", source_id),
        buyer=buyer,
        total_amount=_amount("total_amount", total_amount, PAID_PLACES),
        pv_amount=_amount("pv_amount", pv_amount, PV_PLACES),
        channel=_channel(channel),
        center=center,
        paid_at=_past(paid_at) or clock.now(),
        metadata=_object(metadata or {}),
    )
    if _can_take(center) and _insert(order):
        return order, True
    known = Order.objects.filter(source=source, source_id=source_id).first()
    if known is None:
        raise Invalid(field="center", reason=_("This member is no center."))
    _check_same(order, known, is_time_told=paid_at is not None)
    return known, False


@transaction.atomic(savepoint=False)
def _insert(order: Order) -> bool:
    """With its audit row; nothing, if the number is known. No savepoint: it refuses nothing."""
    columns = {name: getattr(order, name) for name in (*TOLD, "created_at")}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, columns | {"metadata": json.dumps(order.metadata)})
        row = cursor.fetchone()
    if row is None:
        return False
    order.pk, order.xid = row
    order._state.adding = False
    record("order.recorded", of=order, after={name: columns[name] for name in TOLD})
    return True


def _check_same(order: Order, known: Order, *, is_time_told: bool) -> None:
    """By the database, to which 1.50 and 1.5 are one number in the metadata too."""
    fields = ["buyer_id", "total_amount", "pv_amount", "channel", "center_id", "metadata"]
    if is_time_told:
        fields.append("paid_at")
    told = {name: getattr(order, name) for name in fields}
    if not Order.objects.filter(pk=known.pk, **told).exists():
        raise OrderExists(source_id=known.source_id)


def _text(field: str, text: str) -> str:
    if not 1 <= len(text) <= LONGEST[field] or not text.isprintable():
        raise Invalid(field=field, reason=_("Not a number that an order can have."))
    return text


def _amount(field: str, amount: Decimal, places: int) -> Decimal:
    return parse_amount(f"{amount:f}", places=places, field=field, sign=Sign.NOT_NEGATIVE)


def _channel(channel: str) -> Channel:
    if channel not in Channel.values:
        raise Invalid(field="channel", reason=_("No such channel."))
    return Channel(channel)


def _past(moment: datetime | None) -> datetime | None:
    """A naive time is a mistake of the caller's code. The sender's clock may be a little ahead of ours."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("paid_at has no time zone")
    if moment > clock.now() + CLOCKS_DIFFER:
        raise Invalid(field="paid_at", reason=_("This lies in the future."))
    return moment


def _can_take(center: Member | None) -> bool:
    return center is None or center.is_center


def _object(metadata: Mapping[str, Any]) -> dict[str, Any]:
    try:
        written = strict_json.dump(dict(metadata))
    except BadJson as error:
        raise Invalid(field="metadata", reason=str(error)) from None
    if len(written) > MOST_METADATA:
        raise Invalid(field="metadata", reason=_("At most 8 KiB."))
    if NUL.search(written):
        raise Invalid(field="metadata", reason=_("A text holds a character that can't be stored."))
    read: dict[str, Any] = json.loads(written)
    return read
