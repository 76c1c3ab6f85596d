"""Transit jobs: in the background, with gas from a fee wallet, telling the outcome by a callback."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from aeghash.sandbox.amounts import milliseconds, written
from aeghash.sandbox.chain.callbacks import Callbacks
from aeghash.sandbox.chain.ledger import BNB, TOKEN_GAS, Ledger
from aeghash.sandbox.chain.wallets import Wallet
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import TIMED_OUT, Fault, quirk
from aeghash.sandbox.jsontext import JsonObject


@dataclass(frozen=True)
class TransitConfig:
    fee: Decimal
    fee_wallet: Wallet
    delay_ms: int
    count: int
    callback: str


@dataclass(kw_only=True)
class Transit:
    token: str
    sender: str
    receiver: str
    contract: str
    amount: Decimal
    config: TransitConfig
    quirks: Sequence[Fault]
    txid_token: str
    requested_at: int
    txid_fee: str | None = None
    status: str = "pending"
    message: str | None = None
    checks: int = 0

    def success(self) -> JsonObject:
        return {"result": True, "token": self.token, "txidFee": self.txid_fee, "txidToken": self.txid_token}

    def failure(self, message: str) -> JsonObject:
        return {"result": False, "token": self.token, "txidFee": self.txid_fee, "message": message}

    def book(self) -> JsonObject:
        return {
            "token": self.token,
            "from": self.sender,
            "to": self.receiver,
            "contract": self.contract,
            "amount": written(self.amount),
            "status": self.status,
            "message": self.message,
            "txidFee": self.txid_fee,
            "txidToken": self.txid_token if self.status == "completed" else None,
            "requestedAt": self.requested_at,
        }


class Transits:
    def __init__(self, chance: Chance, ledger: Ledger, callbacks: Callbacks) -> None:
        self.chance = chance
        self.ledger = ledger
        self.callbacks = callbacks
        self.timeline = ledger.timeline
        self.by_token: dict[str, Transit] = {}
        self._serials = count(1)

    def begin(self, *, receipt_ms: int, **particulars: Any) -> Transit:
        transit = Transit(
            token=self.chance.hexadecimal(32, "token", next(self._serials)),
            # Known from the start, so that a callback can name it before the transfer is there.
            txid_token=self.ledger.next_txid(),
            requested_at=self.timeline.now,
            **particulars,
        )
        self.by_token[transit.token] = transit
        self._tell_early(transit)
        self._check_later(transit, receipt_ms)
        return transit

    def _check_later(self, transit: Transit, receipt_ms: int) -> None:
        due = self.timeline.now + transit.config.delay_ms
        self.timeline.at(due, lambda: self._check(transit, receipt_ms))

    def _check(self, transit: Transit, receipt_ms: int) -> None:
        """Look after a transit once more: first its gas, then its token."""
        transit.checks += 1
        lies = quirk(transit.quirks, "callback-forged")
        fails = quirk(transit.quirks, "callback-fails")
        if lies and not lies["executes"]:
            transit.status, transit.message = "dropped", "the callback was forged, and nothing was done"
        elif fails and not fails["executes"]:
            self._fail(transit, fails["message"])
        elif self.ledger.balance(transit.sender, BNB) < TOKEN_GAS:
            self._pay_gas(transit, receipt_ms)
        elif not self.ledger.can_pay(transit.sender, transit.contract, transit.amount):
            self._fail(transit, "Request volume is zero or not enough balance")
        else:
            self._move(transit, receipt_ms)

    def _pay_gas(self, transit: Transit, receipt_ms: int) -> None:
        payer, fee = transit.config.fee_wallet.address, transit.config.fee
        if transit.txid_fee or not self.ledger.can_pay(payer, BNB, fee):
            self._fail(transit, "Not enough balance")
            return
        paid = self.ledger.send(payer, transit.sender, BNB, fee, origin="transit fee", receipt_ms=receipt_ms)
        transit.txid_fee = paid.txid
        if transit.checks < transit.config.count:
            self._check_later(transit, receipt_ms)
        else:
            self._fail(transit, TIMED_OUT)

    def _move(self, transit: Transit, receipt_ms: int) -> None:
        differs = quirk(transit.quirks, "transit-amount")
        amount = _other_amount(differs, transit.amount) if differs else transit.amount
        amount = min(amount, self.ledger.balance(transit.sender, transit.contract))  # not even a fault makes money
        self.ledger.send(
            transit.sender,
            transit.receiver,
            transit.contract,
            amount,
            origin="transit",
            receipt_ms=receipt_ms,
            txid=transit.txid_token,
        )
        transit.status = "completed"
        fails = quirk(transit.quirks, "callback-fails")
        self._tell(transit, transit.failure(fails["message"]) if fails else transit.success())

    def _fail(self, transit: Transit, message: str) -> None:
        transit.status, transit.message = "failed", message
        self._tell(transit, transit.failure(message))

    # Callbacks

    def _tell_early(self, transit: Transit) -> None:
        """Send what comes before its time, or from somebody else."""
        if quirk(transit.quirks, "callback-early"):
            self.callbacks.post(transit.config.callback, transit.success(), genuine=True)
        forged = quirk(transit.quirks, "callback-forged")
        if forged:
            self.callbacks.post(transit.config.callback, self._forged(forged["as"], transit), genuine=False)

    def _tell(self, transit: Transit, body: JsonObject) -> None:
        if quirk(transit.quirks, "callback-never") or quirk(transit.quirks, "callback-early"):
            return
        late = quirk(transit.quirks, "callback-late")
        repeated = quirk(transit.quirks, "callback-repeated")
        for _ in range(repeated["copies"] if repeated else 1):
            wait = milliseconds(late["seconds"]) if late else 0
            self.callbacks.post(transit.config.callback, body, genuine=True, wait_ms=wait or 0)

    def _forged(self, kind: str, transit: Transit) -> JsonObject:
        invented = "0x" + self.chance.hexadecimal(64, "forged txid", transit.token)
        if kind == "failure":
            return transit.failure("RPCError: execution reverted")
        if kind == "unknown-token":
            token = self.chance.hexadecimal(32, "forged token", transit.token)
            return {**transit.success(), "token": token, "txidToken": invented}
        other = next(reversed(self.ledger.transactions.values()), None)
        txid = other.txid if kind == "other-transfer" and other else invented
        return {**transit.success(), "txidToken": txid}


def _other_amount(differs: Fault, amount: Decimal) -> Decimal:
    return amount / 2 if differs["amount"] is None else Decimal(differs["amount"])
