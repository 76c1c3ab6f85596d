"""What a day brought: hash rates, income, prices. All of it follows from the seed and the date."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from aeghash.sandbox.amounts import written
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.jsontext import JsonObject

COIN_PLACES = Decimal("0.000000000001")

# Per coin: income of one MH/s in a day, and price in USDT. Orders of magnitude, not quotations.
YIELDS = {
    "LTC": (Decimal("0.0000041"), Decimal("84.2")),
    "DOGE": (Decimal("0.0138"), Decimal("0.171")),
    "BELLS": (Decimal("0.00071"), Decimal("0.243")),
    "LKY": (Decimal("0.0094"), Decimal("0.0131")),
    "PEP": (Decimal("0.42"), Decimal("0.000412")),
    "JKC": (Decimal("0.0011"), Decimal("0.0382")),
    "DINGO": (Decimal("0.087"), Decimal("0.000058")),
    "SHIC": (Decimal("0.061"), Decimal("0.000091")),
}
COINS = tuple(YIELDS)


@dataclass
class Day:
    date: date
    power: Decimal
    efficiency: Decimal
    reject: Decimal
    prices: dict[str, Decimal]
    totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def rate_per_mega(self) -> Decimal:
        return (self.efficiency / 100).quantize(COIN_PLACES)

    def profit(self) -> JsonObject:
        return {coin: self._income(coin, self.totals[coin]) for coin in COINS}

    def profit_per_mega(self) -> JsonObject:
        return {coin: self._income(coin, self._per_mega(self.totals[coin])) for coin in COINS}

    def rate(self) -> JsonObject:
        return {
            "date": self.date.isoformat(),
            "hashRate": written((self.power * self.rate_per_mega).quantize(COIN_PLACES)),
            "hashRateMega": written(self.rate_per_mega),
            "efficiency": written(self.efficiency),
            "reject": written(self.reject),
        }

    def book(self) -> JsonObject:
        return {**self.rate(), "profit": self.profit()}

    def _per_mega(self, total: Decimal) -> Decimal:
        return (total / self.power).quantize(COIN_PLACES) if self.power else Decimal()

    def _income(self, coin: str, total: Decimal) -> JsonObject:
        return {"total": written(total), "price": written(self.prices[coin])}


def make_day(chance: Chance, on: date, power: Decimal) -> Day:
    day = on.isoformat()
    made = Day(
        date=on,
        power=power,
        efficiency=chance.between(Decimal(97), Decimal(102), "efficiency", day),
        reject=chance.between(Decimal("0.05"), Decimal("0.6"), "reject", day),
        prices={coin: _swayed(chance, YIELDS[coin][1], "price", coin, day) for coin in COINS},
    )
    for coin in COINS:
        total = power * _swayed(chance, YIELDS[coin][0], "yield", coin, day)
        made.totals[coin] = total.quantize(COIN_PLACES)
    return made


def _swayed(chance: Chance, middle: Decimal, *purpose: str) -> Decimal:
    sway = chance.between(Decimal("0.88"), Decimal("1.12"), *purpose)
    return (middle * sway).quantize(COIN_PLACES)
