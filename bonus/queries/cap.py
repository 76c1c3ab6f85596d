"""How much of their bonus members may ever withdraw, as a part of what they bought themselves."""

from collections.abc import Collection
from decimal import Decimal

from bonus.queries.settings import settings_now
from organization.queries.sales import own_sales


def withdrawable_point(*, user_id: int, withdrawn: Decimal) -> Decimal:
    """What may still be withdrawn of POINT, never less than nothing: 1 POINT is 1 USD.

    `withdrawn` is what has been so far, requests under way included; withdrawals, a higher floor, knows it.
    """
    return max(caps([user_id])[user_id] - withdrawn, Decimal(0))


def caps(user_ids: Collection[int]) -> dict[int, Decimal]:
    """The settings' percentage (300, as the plan is sold) of each one's own sales, paid less refunded."""
    percent = settings_now().withdrawal_cap_percent
    return {member: sales * percent / 100 for member, sales in own_sales(user_ids).items()}
