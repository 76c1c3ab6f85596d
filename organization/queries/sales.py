"""What members bought themselves."""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from organization.models import Order


def own_sales(member_ids: Collection[int]) -> dict[int, Decimal]:
    """Paid less refunded, in USD, for ever; a member without an order has zero."""
    kept = Order.objects.filter(buyer__in=member_ids, refund__isnull=True)
    sums = dict(kept.order_by().values_list("buyer").annotate(Sum("total_amount")))
    return {member: sums.get(member, Decimal(0)) for member in member_ids}
