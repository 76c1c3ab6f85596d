"""The HashDam pool: the methods of its contract over the pool's books."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from aeghash.sandbox.access import Access
from aeghash.sandbox.amounts import exact, milliseconds, parse_amount, written
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.model import Call, Chapter, Model
from aeghash.sandbox.pool.books import Holding, PoolBooks
from aeghash.sandbox.pool.days import COIN_PLACES, COINS, Day
from aeghash.sandbox.pool.entries import Charge, Swap, Withdrawal
from aeghash.sandbox.pool.history import Entry, History, Query, parse_day, read_page
from aeghash.sandbox.refusals import Misuse, Refused
from aeghash.sandbox.settings import HashDamSettings, changed
from aeghash.sandbox.timeline import SECOND, Clock, midnight, system_clock

__all__ = ["COINS", "HashDam", "HashDamSettings"]

PLACES = 12
SPAN_OF_RECENT_RATES = 600 * SECOND
E = TypeVar("E", bound=Entry)


class HashDam(Model):
    name: ClassVar[str] = "hashdam"
    path: ClassVar[str] = "/v1"
    key_header: ClassVar[str] = "X-HASHDAM-Key"
    verdict: ClassVar[str] = "code"
    yes: ClassVar[int] = 0
    no: ClassVar[int] = 1

    @exact
    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock = system_clock,
        settings: HashDamSettings | None = None,
        access: Access | None = None,
    ) -> None:
        super().__init__(seed=seed, clock=clock, access=access)
        self._began_with = (settings or HashDamSettings(), self.access)
        self.pool = PoolBooks(self.chance, self.timeline, self._began_with[0])
        self.methods = {
            "projectInfo": self._project_info,
            "hashBalance": self._hash_balance,
            "hashCreditCharge": self._credit_charge,
            "hashCreditChargeHistory": self._credit_charge_history,
            "hashPowerSwap": self._power_swap,
            "hashPowerSwapHistory": self._power_swap_history,
            "hashRateDaily": self._rate_daily,
            "hashRateRecently": self._rate_recently,
            "hashRateRecentlyMega": self._rate_recently_mega,
            "profitDaily": self._profit_daily,
            "profitDailyMega": self._profit_daily_mega,
            "assetBalance": self._asset_balance,
            "assetWithdrawHistory": self._withdraw_history,
            "assetWithdrawRequest": self._withdraw_request,
        }

    def anew(self, seed: int) -> "HashDam":
        settings, access = self._began_with
        return HashDam(seed=seed, clock=self.clock, settings=settings, access=access)

    def fields(self, answer: JsonObject) -> JsonObject:
        data = answer.get("data")
        return data if isinstance(data, dict) else answer

    # The project

    def _project_info(self, call: Call) -> JsonObject:
        return _data(
            projectName="AEG Hash (sandbox)",
            coinExAccount="payouts@aeghash.example",
            createAt=midnight(self.pool.founded),
        )

    def _hash_balance(self, call: Call) -> JsonObject:
        today = self.timeline.today
        credit, power = self.pool.power.credit, self.pool.power.on(today)
        return _data(date=today.isoformat(), credit=written(credit), power=written(power))

    # Credit and power

    def _credit_charge(self, call: Call) -> JsonObject:
        payer = call.get("from")
        if payer is not None and not isinstance(payer, str):
            raise Refused("Invalid Parameter: from")
        done_after = milliseconds(self.pool.settings.charge_time)
        charge = self.pool.power.charge(_amount(call), payer, done_after)
        return _data(
            chargeId=charge.charge_id,
            address=charge.address,
            amount=written(charge.amount),
            price=written(charge.price),
            coin=charge.coin,
        )

    def _credit_charge_history(self, call: Call) -> JsonObject:
        power = self.pool.power
        return self._history(power.listed_charges, power.charges, "chargeId", call)

    def _power_swap(self, call: Call) -> JsonObject:
        power = self.pool.power
        swap = power.swap(_amount(call), milliseconds(self.pool.settings.swap_time))
        return _data(
            swapId=swap.swap_id,
            amount=written(swap.amount),
            credit=written(power.credit),
            power=written(power.power_after_all()),
        )

    def _power_swap_history(self, call: Call) -> JsonObject:
        power = self.pool.power
        return self._history(power.listed_swaps, power.swaps, "swapId", call)

    # Days

    def _rate_daily(self, call: Call) -> JsonObject:
        return {"data": self._day(call).rate()}

    def _profit_daily(self, call: Call) -> JsonObject:
        day = self._day(call)
        return _data(date=day.date.isoformat(), profit=day.profit())

    def _profit_daily_mega(self, call: Call) -> JsonObject:
        day = self._day(call)
        return _data(date=day.date.isoformat(), profit=day.profit_per_mega())

    def _day(self, call: Call) -> Day:
        given = call.get("date")
        on = max(self.pool.days) if given is None else parse_day(given, "date")
        if on not in self.pool.days:
            raise Refused("Not Found Data")
        return self.pool.days[on]

    def _rate_recently(self, call: Call) -> JsonObject:
        return {"data": self._recent_rates(self.pool.power.on(self.timeline.today))}

    def _rate_recently_mega(self, call: Call) -> JsonObject:
        return {"data": self._recent_rates(Decimal(1))}

    def _recent_rates(self, power: Decimal) -> JsonObject:
        timestamp = self.timeline.now - self.timeline.now % SPAN_OF_RECENT_RATES
        rates = {
            name: written((power * self._sway(name, timestamp)).quantize(COIN_PLACES))
            for name in ("hashRate24h", "hashRate1h", "hashRate10m")
        }
        efficiency = self.chance.between(Decimal(97), Decimal(102), "recent efficiency", timestamp)
        reject = self.chance.between(Decimal("0.05"), Decimal("0.6"), "recent reject", timestamp)
        return {"timestamp": timestamp, **rates, "efficiency": written(efficiency), "reject": written(reject)}

    def _sway(self, name: str, timestamp: int) -> Decimal:
        return self.chance.between(Decimal("0.95"), Decimal("1.03"), name, timestamp)

    # Coins

    def _asset_balance(self, call: Call) -> JsonObject:
        asset = {coin: dict(shown) for coin, shown in self.pool.snapshot.items()}
        return _data(date=self.pool.snapshot_date.isoformat(), asset=asset)

    def _withdraw_history(self, call: Call) -> JsonObject:
        listed = self.pool.listed
        if call.get("coin") is not None:
            listed = self.pool.listed_by_coin[_coin(call)]
        return self._history(listed, self.pool.withdrawals, "withdrawId", call)

    def _withdraw_request(self, call: Call) -> JsonObject:
        withdrawal = self.pool.withdraw(_coin(call), _amount(call), "api", call.quirks)
        return _data(withdrawId=withdrawal.withdraw_id, coin=withdrawal.coin, amount=written(withdrawal.amount))

    def _history(self, listed: History[E], entries: Mapping[str, E], id_name: str, call: Call) -> JsonObject:
        lags = call.quirk("history-lags")
        before = self.timeline.now - (milliseconds(lags["seconds"]) or 0) if lags else None
        if call.get(id_name) is not None:
            listed = _just_one(listed, entries, call.arguments[id_name])
        return read_page(listed, Query.of(call.arguments), before=before)

    # Steering: what no API call does

    @exact
    def withdraw_outside(self, coin: str, amount: Decimal) -> str:
        """Withdraw as somebody else with our key would: no answer of ours ever named its id."""
        self.timeline.catch_up()
        if coin not in COINS:
            raise Misuse(f"there is no coin {coin}")
        try:
            return self.pool.withdraw(coin, amount, "outside").withdraw_id
        except Refused as refused:
            raise Misuse(refused.message) from refused

    @exact
    def end_withdrawal(self, withdraw_id: str, status: str, message: str | None = None) -> None:
        self.timeline.catch_up()
        self.pool.end(withdraw_id, status, message)

    @exact
    def complete(self, entry_id: str) -> None:
        """Complete a pending charge or swap."""
        self.timeline.catch_up()
        self.pool.power.complete(entry_id)

    @exact
    def restate_day(self, on: date, totals: Mapping[str, Decimal]) -> None:
        self.timeline.catch_up()
        self.pool.restate(on, totals)

    @exact
    def scale_day(self, on: date, factor: Decimal) -> None:
        """Restate all of a day's income by one factor."""
        self.timeline.catch_up()
        self.pool.scale(on, factor)

    @exact
    def set_balance(self, coin: str, balance: Decimal) -> None:
        self.timeline.catch_up()
        self.pool.set_balance(coin, balance)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        self.pool.settings = changed(self.pool.settings, changes)

    def summary(self) -> JsonObject:
        credit, power = self.pool.power.credit, self.pool.power.on(self.timeline.today)
        return super().summary() | {"credit": written(credit), "power": written(power)}

    def chapters(self) -> dict[str, Chapter]:
        pool = self.pool
        return {
            "balances": Chapter(pool.holdings.values(), Holding.book),
            "withdrawals": Chapter(pool.withdrawals.values(), Withdrawal.book),
            "charges": Chapter(pool.power.charges.values(), Charge.row),
            "swaps": Chapter(pool.power.swaps.values(), Swap.row),
            "corrections": Chapter(pool.corrections, dict),
            "days": Chapter(pool.days.values(), Day.book),
        }


def _data(**fields: object) -> JsonObject:
    return {"data": fields}


def _coin(call: Call) -> str:
    coin = call.get("coin")
    if not isinstance(coin, str) or coin not in COINS:
        raise Refused("Invalid Parameter: coin")
    return coin


def _amount(call: Call) -> Decimal:
    amount = parse_amount(call.get("amount"), places=PLACES)
    if not amount:
        raise Refused("Invalid Parameter: amount")
    return amount


def _just_one(listed: History[E], entries: Mapping[str, E], wanted: object) -> History[E]:
    found: History[E] = History()
    entry = entries.get(wanted) if isinstance(wanted, str) else None
    if entry is not None and entry in listed:
        found.add(entry)
    return found
