"""Orders for tests that aren't about their contents."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from organization.models import Channel, Member, Order
from organization.operations.record_order import record_order

_numbers = count(1)


def bought(
    buyer: Member, pv: Decimal | int = 10, *, total: Decimal | int = 12, paid_at: datetime | None = None, **fields: Any
) -> Order:
    order, created = record_order(
        source="mall",
        source_id=str(next(_numbers)),
        buyer=buyer,
        total_amount=Decimal(total),
        pv_amount=Decimal(pv),
        channel=Channel.ONLINE,
        paid_at=paid_at,
        **fields,
    )
    assert created
    return order
