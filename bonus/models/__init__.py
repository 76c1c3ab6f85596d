from bonus.models.allocations import Allocation, PoolShare, PoolState, Reversal, Unallocated, Why
from bonus.models.closings import Closing, ClosingMember, ClosingState, CreditState
from bonus.models.entries import BonusType, Entry, EntryState
from bonus.models.rules import PAYING, Rule, RuleLine

__all__ = [
    "PAYING",
    "Allocation",
    "BonusType",
    "Closing",
    "ClosingMember",
    "ClosingState",
    "CreditState",
    "Entry",
    "EntryState",
    "PoolShare",
    "PoolState",
    "Reversal",
    "Rule",
    "RuleLine",
    "Unallocated",
    "Why",
]
