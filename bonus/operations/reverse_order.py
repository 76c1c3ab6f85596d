"""Take back what members had of a refunded order."""

from django.db import connection, transaction

from aeghash.core import clock
from organization.models import Order


def reverse_order(*, order: Order) -> bool:
    """In the caller's transaction, best the refund's. Again, it does nothing; says whether it was new.

    What no closing has taken is cancelled. What one has taken comes back by a negative entry per beneficiary, which the
    next closing takes from new bonus first, then from what is available, and the rest is a debt.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT bonus_reverse(%s, %s)", [order.pk, clock.now()])
        return bool(cursor.fetchone()[0])
