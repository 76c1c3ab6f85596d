from bonus.models.allocations import Allocation, PoolShare, PoolState, Reversal, Unallocated, Why
from bonus.models.bonus_settings import BonusSettings, Cycle, Format, Weekday
from bonus.models.closings import Closing, ClosingMember, ClosingState, CreditState
from bonus.models.entries import BonusType, Entry, EntryState
from bonus.models.rules import PAYING, Rule, RuleLine

__all__ = [
    "PAYING",
    "Allocation",
    "BonusSettings",
    "BonusType",
    "Closing",
    "ClosingMember",
    "ClosingState",
    "CreditState",
    "Cycle",
    "Entry",
    "EntryState",
    "Format",
    "PoolShare",
    "PoolState",
    "Reversal",
    "Rule",
    "RuleLine",
    "Unallocated",
    "Weekday",
    "Why",
]
