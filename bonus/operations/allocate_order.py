"""Write down who gets what of a paid order."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction

from aeghash.core import clock
from organization.models import Order

ALLOCATE: Final = "SELECT bonus_allocate(%s, %s)"


def allocate_order(*, order: Order) -> bool:
    """In the caller's transaction, best the one that records the order. Again, it does nothing; says whether it was new.

    Entries, what nobody gets and why, and the pool's share are written by one call: together they are the order's PV.
    """
    return allocate_orders(order_ids=[order.pk]) == 1


def allocate_orders(*, order_ids: Sequence[int]) -> int:
    """The same for many at once; gives how many were new."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(ALLOCATE, [list(order_ids), clock.now()])
        return int(cursor.fetchone()[0])
