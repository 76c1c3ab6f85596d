"""The pool's rows, typed. Whatever isn't exactly what the contract says is refused, with the name of the field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol, TypeVar

from aeghash.core.errors import Invalid
from aeghash.core.money import MOST_PLACES, Sign, parse_amount
from aeghash.core.texts import storable
from mining.clients.hashdam.classifier import is_id

Raw = Mapping[str, Any]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
LONGEST_TEXT: Final = 500


class BadRow(ValueError):
    """A row that can't be believed: `field` is wrong in it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


def amount_of(raw: Raw, name: str) -> Decimal:
    try:
        return parse_amount(raw.get(name), places=MOST_PLACES, sign=Sign.NOT_NEGATIVE, field=name)
    except Invalid as refusal:
        raise BadRow(name, refusal.parameters["reason_code"]) from None


def optional_amount(raw: Raw, name: str) -> Decimal | None:
    return None if raw.get(name) is None else amount_of(raw, name)


def text_of(raw: Raw, name: str) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(name, "not a text")
    return storable(value)[:LONGEST_TEXT]


def id_of(raw: Raw, name: str) -> str:
    value = raw.get(name)
    if not (isinstance(value, str) and is_id(value)):
        raise BadRow(name, "not an id")
    return value


def day_of(raw: Raw, name: str) -> date:
    value = raw.get(name)
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise BadRow(name, "not a day")
    return day


def moment_of(raw: Raw, name: str) -> datetime:
    value = raw.get(name)
    if type(value) is not int or not 0 <= value < LATEST:
        raise BadRow(name, "not a time")
    return EPOCH + timedelta(milliseconds=value)


def optional_moment(raw: Raw, name: str) -> datetime | None:
    return None if raw.get(name) is None else moment_of(raw, name)


def status_of(raw: Raw, known: tuple[str, ...]) -> str:
    value = raw.get("status")
    if not isinstance(value, str) or value not in known:
        raise BadRow("status", "not known")
    return value


class HistoryRow(Protocol):
    """What all three histories' rows have: an id, when they were made, and the row as it came."""

    method: ClassVar[str]
    id_name: ClassVar[str]

    @property
    def remote_id(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def status(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime | None: ...
    @property
    def raw(self) -> Raw: ...

    @classmethod
    def of(cls: "type[R]", raw: Raw) -> "R": ...


R = TypeVar("R", bound=HistoryRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRow:
    method: ClassVar[str] = "assetWithdrawHistory"
    id_name: ClassVar[str] = "withdrawId"

    remote_id: str
    coin: str
    amount: Decimal
    fee: Decimal
    address: str
    kind: str
    message: str
    status: str
    created_at: datetime
    updated_at: datetime | None
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> "WithdrawalRow":
        return cls(
            remote_id=id_of(raw, cls.id_name),
            coin=id_of(raw, "coin"),
            amount=amount_of(raw, "amount"),
            fee=amount_of(raw, "fee"),
            address=text_of(raw, "address"),
            kind=text_of(raw, "type"),
            message=text_of(raw, "message"),
            status=status_of(raw, ("pending", "completed", "failed", "canceled")),
            created_at=moment_of(raw, "createAt"),
            updated_at=optional_moment(raw, "updateAt"),
            raw=raw,
        )

    def is_of(self, amount: Decimal) -> bool:
        """Whether this may be a withdrawal of `amount`: the pool's books may show it gross or net of the fee."""
        return amount in (self.amount, self.amount + self.fee, self.amount - self.fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    method: ClassVar[str] = "hashCreditChargeHistory"
    id_name: ClassVar[str] = "chargeId"

    remote_id: str
    payer: str
    address: str
    amount: Decimal
    price: Decimal
    coin: str
    credit: Decimal | None
    status: str
    created_at: datetime
    updated_at: datetime | None
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> "ChargeRow":
        return cls(
            remote_id=id_of(raw, cls.id_name),
            payer=text_of(raw, "from"),
            address=text_of(raw, "to"),
            amount=amount_of(raw, "amount"),
            price=amount_of(raw, "price"),
            coin=text_of(raw, "coin"),
            credit=optional_amount(raw, "credit"),
            status=status_of(raw, ("pending", "completed")),
            created_at=moment_of(raw, "createAt"),
            updated_at=optional_moment(raw, "updateAt"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRow:
    method: ClassVar[str] = "hashPowerSwapHistory"
    id_name: ClassVar[str] = "swapId"

    remote_id: str
    amount: Decimal
    credit: Decimal | None
    power: Decimal | None
    starts_on: date | None
    ends_on: date | None
    period: str
    status: str
    created_at: datetime
    updated_at: datetime | None
    raw: Raw = field(repr=False)

    @classmethod
    def of(cls, raw: Raw) -> "SwapRow":
        return cls(
            remote_id=id_of(raw, cls.id_name),
            amount=amount_of(raw, "amount"),
            credit=optional_amount(raw, "credit"),
            power=optional_amount(raw, "power"),
            starts_on=None if raw.get("setDate") is None else day_of(raw, "setDate"),
            ends_on=None if raw.get("endDate") is None else day_of(raw, "endDate"),
            period=text_of(raw, "period"),
            status=text_of(raw, "status"),  # the contract doesn't say which there are
            created_at=moment_of(raw, "createAt"),
            updated_at=optional_moment(raw, "updateAt"),
            raw=raw,
        )
