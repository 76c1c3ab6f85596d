"""Mining's part of the staff's pages."""

from mining.admin import cards
from mining.admin.days import AllocationScreen, DayScreen
from mining.admin.grants import GrantScreen
from mining.admin.orders import OrderScreen
from mining.admin.payouts import PayoutScreen
from mining.admin.pool_withdrawals import PoolWithdrawalScreen
from mining.admin.reserves import ReserveScreen

__all__ = [
    "AllocationScreen",
    "DayScreen",
    "GrantScreen",
    "OrderScreen",
    "PayoutScreen",
    "PoolWithdrawalScreen",
    "ReserveScreen",
    "cards",
]
