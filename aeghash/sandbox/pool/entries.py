"""The three things a pool keeps a history of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aeghash.sandbox.amounts import written
from aeghash.sandbox.jsontext import JsonObject


def present(**fields: object) -> JsonObject:
    """Return the fields that have a value: what the contract marks as optional is left out, not null."""
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(kw_only=True, eq=False)
class Withdrawal:
    serial: int
    withdraw_id: str
    coin: str
    amount: Decimal
    fee: Decimal
    debit: Decimal
    address: str
    origin: str
    created_at: int
    listed_at: int
    status: str = "pending"
    message: str | None = None
    updated_at: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.created_at, self.serial

    def row(self) -> JsonObject:
        return {
            "withdrawId": self.withdraw_id,
            "coin": self.coin,
            "amount": written(self.amount),
            "fee": written(self.fee),
            "address": self.address,
            "type": "interUser",
            "status": self.status,
            "createAt": self.created_at,
        } | present(message=self.message, updateAt=self.updated_at)

    def book(self) -> JsonObject:
        inner = {"debit": written(self.debit), "listedAt": self.listed_at, "origin": self.origin}
        return self.row() | inner


@dataclass(kw_only=True, eq=False)
class Charge:
    serial: int
    charge_id: str
    payer: str | None
    address: str
    amount: Decimal
    price: Decimal
    coin: str
    created_at: int
    status: str = "pending"
    credit: Decimal | None = None
    updated_at: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.created_at, self.serial

    def row(self) -> JsonObject:
        return {
            "chargeId": self.charge_id,
            "to": self.address,
            "amount": written(self.amount),
            "price": written(self.price),
            "coin": self.coin,
            "status": self.status,
            "createAt": self.created_at,
        } | present(
            **{"from": self.payer},
            credit=None if self.credit is None else written(self.credit),
            updateAt=self.updated_at,
        )


@dataclass(kw_only=True, eq=False)
class Swap:
    serial: int
    swap_id: str
    amount: Decimal
    credit: Decimal
    period: int
    created_at: int
    status: str = "pending"
    power: Decimal | None = None
    set_date: date | None = None
    end_date: date | None = None
    updated_at: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.created_at, self.serial

    def row(self) -> JsonObject:
        return {
            "swapId": self.swap_id,
            "amount": written(self.amount),
            "credit": written(self.credit),
            "period": str(self.period),
            "status": self.status,
            "createAt": self.created_at,
        } | present(
            power=None if self.power is None else written(self.power),
            setDate=None if self.set_date is None else self.set_date.isoformat(),
            endDate=None if self.end_date is None else self.end_date.isoformat(),
            updateAt=self.updated_at,
        )
