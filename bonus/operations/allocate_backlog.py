"""Share out whatever orders nobody has shared out, and take back what refunds left: the caller may have died between."""

from collections.abc import Callable
from typing import Final

from django.db import connection, transaction

from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Watermark
from aeghash.core.transactions import with_db_retry
from aeghash.core.watermark import consume
from bonus.operations.allocate_order import allocate_orders
from bonus.operations.reverse_order import reverse_order
from organization.models import Order, Refund

ORDERS: Final = "bonus.orders"  # the watermarks
REFUNDS: Final = "bonus.refunds"
AT_ONCE: Final = 100

LEFT: Final = """
    SELECT o.id FROM organization_orders o
    WHERE o.xid >= %s::xid8 AND NOT EXISTS (SELECT FROM bonus_allocations a WHERE a.order_id = o.id)
    ORDER BY o.id LIMIT %s
"""


def allocate_backlog(*, tell: Callable[[], None] = lambda: None) -> int:
    """A hundred orders to a transaction, oldest first; returns how many. Two at once share the work."""
    count = 0
    position = Watermark.objects.filter(name=ORDERS).values_list("position", flat=True).first() or 0
    while found := _left(position):
        count += _allocate(found)
        checkpoint("bonus: batch shared out")
        tell()
    return count + _allocate_the_rest()


def reverse_backlog() -> int:
    with consume(REFUNDS) as window:
        refunded = window.of(Refund.objects.filter(order__bonus_reversal__isnull=True)).order_by("pk")
        return sum(reverse_order(order=refund.order) for refund in refunded.select_related("order"))


def _left(position: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [str(position), AT_ONCE])
        return [order for (order,) in cursor.fetchall()]


@with_db_retry()
@transaction.atomic
def _allocate(order_ids: list[int]) -> int:
    return allocate_orders(order_ids=order_ids)


@with_db_retry()
def _allocate_the_rest() -> int:
    """Moves the watermark, past which nothing is looked for again: so it looks once more at all before."""
    with consume(ORDERS) as window:
        left = window.of(Order.objects.filter(allocation__isnull=True)).order_by("pk")
        return allocate_orders(order_ids=list(left.values_list("pk", flat=True)))
