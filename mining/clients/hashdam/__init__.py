"""HashDam's API: its 13 methods, each typed. Readings may be repeated; the three calls that move value go out once and
come back as an `Outcome`.
"""

from mining.clients.hashdam.calls import Remark, Unreadable
from mining.clients.hashdam.classifier import Echo, classify
from mining.clients.hashdam.days import (
    CoinIncome,
    DayReport,
    Holding,
    RecentRate,
    read_day,
    read_hash_balance,
    read_holdings,
    read_project,
    read_recent_rates,
)
from mining.clients.hashdam.histories import IncompleteReading, Reading, read_history
from mining.clients.hashdam.money import charge_credit, request_withdrawal, swap_power
from mining.clients.hashdam.rows import BadRow, ChargeRow, HistoryRow, SwapRow, WithdrawalRow

__all__ = [
    "BadRow",
    "ChargeRow",
    "CoinIncome",
    "DayReport",
    "Echo",
    "HistoryRow",
    "Holding",
    "IncompleteReading",
    "Reading",
    "RecentRate",
    "Remark",
    "SwapRow",
    "Unreadable",
    "WithdrawalRow",
    "charge_credit",
    "classify",
    "read_day",
    "read_hash_balance",
    "read_history",
    "read_holdings",
    "read_project",
    "read_recent_rates",
    "request_withdrawal",
    "swap_power",
]
