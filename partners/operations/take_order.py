"""A paid order: into the organisation, and its bonuses to whom they belong, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bonus.operations.allocate_order import allocate_order
from organization.operations.record_order import record_order
from partners.inbound import Answer, Context
from partners.operations.spend_day import spend_day
from partners.queries.owned import own_member
from partners.queries.shown import taken_order


def take_order(
    context: Context,
    *,
    order_id: str,
    uid: str,
    total_amount: Decimal,
    pv_amount: Decimal,
    channel: str,
    paid_at: datetime | None = None,
    center_uid: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Answer:
    """The same order again, under whatever key, counts nothing and has the first answer. Refuses other contents under its
    number (`order_exists`), and members that aren't the partner's (`member_not_found`).
    """
    order, is_new = record_order(
        source=context.partner.slug,
        source_id=order_id,
        buyer=own_member(context.partner, uid),
        total_amount=total_amount,
        pv_amount=pv_amount,
        channel=channel,
        paid_at=paid_at,
        center=own_member(context.partner, center_uid) if center_uid is not None else None,
        metadata=metadata,
    )
    if is_new:
        spend_day(context=context, pv=order.pv_amount, order_id=order_id)
        allocate_order(order=order)
    return Answer(201 if is_new else 200, taken_order(order), ("order", order.pk))
