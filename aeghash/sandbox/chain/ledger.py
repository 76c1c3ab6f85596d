"""What the chain knows: balances, transactions, receipts."""

import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from aeghash.sandbox.amounts import written
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Refused
from aeghash.sandbox.timeline import Timeline

BNB = ""
"""Stands for the native coin where a token's contract would stand."""
TOKENS = {
    "0x55d398326f99059ff775485246999027b3197955": "USDT",
    "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d": "USDC",
}
USDT = next(iter(TOKENS))

NATIVE_GAS = Decimal("0.0001")
TOKEN_GAS = Decimal("0.0003")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def parse_address(value: object) -> str | None:
    """Return an address in lower case: its mixed case is a checksum and no part of it."""
    return value.lower() if isinstance(value, str) and _ADDRESS.fullmatch(value) else None


def symbol_of(contract: str) -> str:
    return TOKENS.get(contract, "BNB")


@dataclass(kw_only=True)
class Transaction:
    txid: str
    sender: str
    receiver: str
    contract: str
    amount: Decimal
    gas: Decimal
    origin: str
    sent_at: int
    receipt_at: int

    def book(self) -> JsonObject:
        return {
            "txid": self.txid,
            "from": self.sender,
            "to": self.receiver,
            "contract": self.contract or None,
            "symbol": symbol_of(self.contract),
            "amount": written(self.amount),
            "gas": written(self.gas),
            "origin": self.origin,
            "sentAt": self.sent_at,
            "receiptAt": self.receipt_at,
        }


def book_balance(item: tuple[tuple[str, str], Decimal]) -> JsonObject:
    (address, contract), amount = item
    return {
        "address": address,
        "contract": contract or None,
        "symbol": symbol_of(contract),
        "amount": written(amount),
    }


class Ledger:
    def __init__(self, chance: Chance, timeline: Timeline) -> None:
        self.chance = chance
        self.timeline = timeline
        self.balances: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.transactions: dict[str, Transaction] = {}
        self._serials = count(1)

    def balance(self, address: str, contract: str) -> Decimal:
        return self.balances.get((address, contract), Decimal())

    def next_txid(self) -> str:
        return "0x" + self.chance.hexadecimal(64, "txid", next(self._serials))

    def can_pay(self, sender: str, contract: str, amount: Decimal) -> bool:
        """Say whether the sender has the amount and the gas to move it."""
        if contract == BNB:
            return self.balance(sender, BNB) >= amount + NATIVE_GAS
        return self.balance(sender, contract) >= amount and self.balance(sender, BNB) >= TOKEN_GAS

    def send(
        self,
        sender: str,
        receiver: str,
        contract: str,
        amount: Decimal,
        *,
        origin: str,
        receipt_ms: int = 0,
        txid: str | None = None,
    ) -> Transaction:
        """Move an amount and burn the gas, which nobody counts for what happens outside."""
        gas = Decimal() if origin == "outside" else _gas(contract)
        sent_at = self.timeline.now
        transaction = Transaction(
            txid=txid or self.next_txid(),
            sender=sender,
            receiver=receiver,
            contract=contract,
            amount=amount,
            gas=gas,
            origin=origin,
            sent_at=sent_at,
            receipt_at=sent_at + receipt_ms,
        )
        self.balances[sender, contract] -= amount
        self.balances[sender, BNB] -= gas
        self.balances[receiver, contract] += amount
        self.transactions[transaction.txid] = transaction
        return transaction

    def receipt(self, contract: str, txid: object) -> Transaction:
        transaction = self.transactions.get(txid.lower()) if isinstance(txid, str) else None
        if transaction is None or transaction.receipt_at > self.timeline.now:
            raise Refused("Transaction receipt not found")
        if transaction.contract != contract:
            raise Refused("Transaction Logs not found")
        return transaction


def _gas(contract: str) -> Decimal:
    return NATIVE_GAS if contract == BNB else TOKEN_GAS
