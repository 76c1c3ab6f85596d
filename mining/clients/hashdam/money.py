"""The three calls that move value."""

from decimal import Decimal
from typing import Final

from aeghash.core.money import format_amount
from aeghash.core.payouts import Outcome
from mining.clients.hashdam.calls import submit
from mining.clients.hashdam.classifier import Echo

WITHDRAWAL: Final = "assetWithdrawRequest"
CHARGE: Final = "hashCreditCharge"
SWAP: Final = "hashPowerSwap"


def request_withdrawal(coin: str, amount: Decimal, *, deadline: float) -> Outcome:
    echo = Echo("withdrawId", amount, {"coin": coin})
    return submit(WITHDRAWAL, echo, deadline=deadline, coin=coin, amount=format_amount(amount, 0))


def charge_credit(amount: Decimal, *, deadline: float) -> Outcome:
    return submit(CHARGE, Echo("chargeId", amount), deadline=deadline, amount=format_amount(amount, 0))


def swap_power(amount: Decimal, *, deadline: float) -> Outcome:
    return submit(SWAP, Echo("swapId", amount), deadline=deadline, amount=format_amount(amount, 0))
