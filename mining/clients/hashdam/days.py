"""What the pool says of one day, and what it says of now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from mining.clients.hashdam.calls import Unreadable, ask
from mining.clients.hashdam.rows import BadRow, Raw, amount_of, day_of, moment_of, optional_amount, text_of

METHODS: Final = {"rate": "hashRateDaily", "profit": "profitDaily", "per_mega": "profitDailyMega"}


@dataclass(frozen=True, slots=True)
class CoinIncome:
    total: Decimal
    price: Decimal
    per_mega: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """`flaw` says why the day can't be believed; then the figures are not to be used, and `raw` is for a person."""

    day: date
    raw: Mapping[str, Any] = field(repr=False)
    flaw: str = ""
    hash_rate: Decimal | None = None
    hash_rate_mega: Decimal | None = None
    efficiency: Decimal | None = None
    reject: Decimal | None = None
    incomes: Mapping[str, CoinIncome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRate:
    at: datetime
    hash_rate_24h: Decimal
    hash_rate_1h: Decimal
    hash_rate_10m: Decimal
    efficiency: Decimal
    reject: Decimal
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    coin: str
    balance: Decimal
    available: Decimal
    locked: Decimal | None


def read_day(day: date, coins: frozenset[str]) -> DayReport:
    """Raises Remark where the pool has nothing of that day, and an EgressFailure that may pass."""
    try:
        raw = {name: _data(method, date=day.isoformat()) for name, method in METHODS.items()}
    except Unreadable as problem:
        return DayReport(day=day, raw={"excerpt": problem.excerpt[:2000]}, flaw=str(problem))
    try:
        return _believed(day, raw, coins)
    except BadRow as problem:
        return DayReport(day=day, raw=raw, flaw=str(problem))


def read_hash_balance() -> tuple[date, Decimal, Decimal, Raw]:
    data = _data("hashBalance")
    return day_of(data, "date"), amount_of(data, "credit"), amount_of(data, "power"), data


def read_recent_rates(*, per_mega: bool) -> RecentRate:
    data = _data("hashRateRecentlyMega" if per_mega else "hashRateRecently")
    return RecentRate(
        at=moment_of(data, "timestamp"),
        hash_rate_24h=amount_of(data, "hashRate24h"),
        hash_rate_1h=amount_of(data, "hashRate1h"),
        hash_rate_10m=amount_of(data, "hashRate10m"),
        efficiency=amount_of(data, "efficiency"),
        reject=amount_of(data, "reject"),
        raw=data,
    )


def read_holdings(coins: frozenset[str]) -> tuple[date, list[Holding], Raw]:
    data = _data("assetBalance")
    assets = _coins(data, "asset", coins)
    return day_of(data, "date"), [_holding(coin, row) for coin, row in sorted(assets.items())], data


def read_project() -> tuple[str, str, datetime]:
    data = _data("projectInfo")
    return text_of(data, "projectName"), text_of(data, "coinExAccount"), moment_of(data, "createAt")


def _data(method: str, **arguments: Any) -> dict[str, Any]:
    data = ask(method, **arguments).get("data")
    if not isinstance(data, dict):
        raise Unreadable(method, "shape")
    return data


def _believed(day: date, raw: Mapping[str, Any], coins: frozenset[str]) -> DayReport:
    for part in raw.values():
        if day_of(part, "date") != day:
            raise BadRow("date", "another day")
    rate = raw["rate"]
    totals, per_mega = _coins(raw["profit"], "profit", coins), _coins(raw["per_mega"], "profit", coins)
    return DayReport(
        day=day,
        raw=raw,
        hash_rate=amount_of(rate, "hashRate"),
        hash_rate_mega=amount_of(rate, "hashRateMega"),
        efficiency=amount_of(rate, "efficiency"),
        reject=amount_of(rate, "reject"),
        incomes={
            coin: CoinIncome(
                total=_within(coin, totals[coin], amount_of, "total"),
                price=_within(coin, totals[coin], amount_of, "price"),
                per_mega=_within(coin, per_mega[coin], amount_of, "total"),
            )
            for coin in sorted(coins)
        },
    )


def _coins(data: Raw, name: str, coins: frozenset[str]) -> dict[str, Raw]:
    """Exactly the coins we know: one more is income that nobody would get, one fewer is a day that isn't complete."""
    given = data.get(name)
    if not isinstance(given, dict) or not all(isinstance(row, dict) for row in given.values()):
        raise BadRow(name, "not coins")
    if unknown := sorted(given.keys() - coins):
        raise BadRow(name, f"unknown {', '.join(unknown)[:100]}")
    if missing := sorted(coins - given.keys()):
        raise BadRow(name, f"without {', '.join(missing)}")
    return given


def _within(coin: str, row: Raw, parse: Callable[[Raw, str], Decimal], name: str) -> Decimal:
    try:
        return parse(row, name)
    except BadRow as problem:
        raise BadRow(f"{coin}.{problem.field}", str(problem)) from None


def _holding(coin: str, row: Raw) -> Holding:
    return Holding(
        coin=coin,
        balance=_within(coin, row, amount_of, "balance"),
        available=_within(coin, row, amount_of, "available"),
        locked=optional_amount(row, "locked"),
    )
