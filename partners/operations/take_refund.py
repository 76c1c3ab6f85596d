"""A partner takes an order back, and with it what others had of it."""

from bonus.operations.reverse_order import reverse_order
from organization.operations.refund_order import refund_order
from partners.inbound import Answer, Context
from partners.queries.owned import own_order
from partners.queries.shown import refunded_order


def take_refund(context: Context, *, reason: str = "") -> Answer:
    """Refunded already: the same answer, nothing happens. Refuses an order that isn't the partner's (`order_not_found`)."""
    order = own_order(context.partner, context.arguments["order_id"])
    refund_order(order=order, reason=reason)
    reverse_order(order=order)
    return Answer(200, refunded_order(order), ("order", order.pk))
