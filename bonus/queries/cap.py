"""How much of their bonus members may ever withdraw: three times what they bought themselves."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from organization.queries.sales import own_sales

TIMES_OWN_SALES: Final = 3


def withdrawable_point(*, user_id: int, withdrawn: Decimal) -> Decimal:
    """What may still be withdrawn of POINT, never less than nothing: 1 POINT is 1 USD.

    `withdrawn` is what has been so far, requests under way included; withdrawals, a higher floor, knows it.
    """
    return max(caps([user_id])[user_id] - withdrawn, Decimal(0))


def caps(user_ids: Collection[int]) -> dict[int, Decimal]:
    """300 % of each one's own sales, paid less refunded."""
    return {member: sales * TIMES_OWN_SALES for member, sales in own_sales(user_ids).items()}
