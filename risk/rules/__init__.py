"""Every rule, in the order in which staff read its findings."""

from typing import Final

from risk.rules.account import Debt, NewAccount
from risk.rules.amounts import AmountOfRequest, CountOfDay, CountOfWeek, SumOfDay, SumOfWeek
from risk.rules.base import Rule
from risk.rules.devices import Device
from risk.rules.payout_addresses import BlockedAddress, CoolingAddress, FirstUse, MembersWithAddress, UntrustedAddress
from risk.rules.sources import BlockedIp, MembersAtIp, UnknownIp

RULES: Final[tuple[Rule, ...]] = (
    BlockedAddress(),
    BlockedIp(),
    AmountOfRequest(),
    SumOfDay(),
    SumOfWeek(),
    CountOfDay(),
    CountOfWeek(),
    UntrustedAddress(),
    CoolingAddress(),
    FirstUse(),
    MembersWithAddress(),
    UnknownIp(),
    MembersAtIp(),
    Device(),
    NewAccount(),
    Debt(),
)

__all__ = ["RULES", "Rule"]
