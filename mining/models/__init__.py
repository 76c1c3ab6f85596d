from mining.models.facts import CoinFacts, DayFacts, HashBalance, PoolHolding, RecentHashRate
from mining.models.grants import Direction, Grant
from mining.models.histories import (
    EgressAddresses,
    Owner,
    PoolCharge,
    PoolSwap,
    PoolWithdrawal,
    RemoteRow,
    SyncMark,
)
from mining.models.incomes import Allocation, Income, MiningBalance, RestatementDecision, Verdict
from mining.models.payouts import OPEN, UNSETTLED, MiningWithdrawal, OrderKind, PoolOrder, Status, Submission
from mining.models.proofs import ReserveProof

__all__ = [
    "OPEN",
    "UNSETTLED",
    "Allocation",
    "CoinFacts",
    "DayFacts",
    "Direction",
    "EgressAddresses",
    "Grant",
    "HashBalance",
    "Income",
    "MiningBalance",
    "MiningWithdrawal",
    "OrderKind",
    "Owner",
    "PoolCharge",
    "PoolHolding",
    "PoolOrder",
    "PoolSwap",
    "PoolWithdrawal",
    "RecentHashRate",
    "RemoteRow",
    "ReserveProof",
    "RestatementDecision",
    "Status",
    "Submission",
    "SyncMark",
    "Verdict",
]
