"""What the pool holds and does, by its own reckoning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from aeghash.sandbox.amounts import milliseconds, written
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import Fault, quirk
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.pool.days import COIN_PLACES, COINS, Day, make_day
from aeghash.sandbox.pool.entries import Withdrawal
from aeghash.sandbox.pool.history import History
from aeghash.sandbox.pool.power import PowerAccount
from aeghash.sandbox.refusals import Misuse, Refused
from aeghash.sandbox.settings import HashDamSettings
from aeghash.sandbox.timeline import Timeline, midnight

DAYS_BEFORE = 120
"""The project is this old when the sandbox begins, so that a first look back of 90 days finds facts."""

OPENING = {
    "LTC": Decimal(2_000),
    "DOGE": Decimal(2_000_000),
    "BELLS": Decimal(500_000),
    "LKY": Decimal(5_000_000),
    "PEP": Decimal(500_000_000),
    "JKC": Decimal(1_000_000),
    "DINGO": Decimal(500_000_000),
    "SHIC": Decimal(500_000_000),
}
FEES = {
    "LTC": Decimal("0.001"),
    "DOGE": Decimal(4),
    "BELLS": Decimal("0.5"),
    "LKY": Decimal(1),
    "PEP": Decimal(100),
    "JKC": Decimal("0.5"),
    "DINGO": Decimal(100),
    "SHIC": Decimal(100),
}
ENDINGS = ("completed", "failed", "canceled")


@dataclass
class Holding:
    coin: str
    balance: Decimal
    locked: Decimal = field(default_factory=Decimal)

    @property
    def available(self) -> Decimal:
        return self.balance - self.locked

    def book(self) -> JsonObject:
        return {"coin": self.coin, **self.row()}

    def row(self) -> JsonObject:
        shown = {"balance": written(self.balance), "available": written(self.available)}
        # The contract marks `locked` as optional, so that a reader has to cope without.
        return shown | ({"locked": written(self.locked)} if self.locked else {})


class PoolBooks:
    def __init__(self, chance: Chance, timeline: Timeline, settings: HashDamSettings) -> None:
        self.chance = chance
        self.timeline = timeline
        self.settings = settings
        self.founded = timeline.today - timedelta(days=DAYS_BEFORE)
        self.account_address = "0x" + chance.hexadecimal(40, "exchange account")
        self.holdings = {coin: Holding(coin, OPENING[coin]) for coin in COINS}
        self.power = PowerAccount(chance, timeline, founded=self.founded)
        self.days: dict[date, Day] = {}
        self.withdrawals: dict[str, Withdrawal] = {}
        self.listed: History[Withdrawal] = History()
        self.listed_by_coin: dict[str, History[Withdrawal]] = {coin: History() for coin in COINS}
        self.corrections: list[JsonObject] = []
        self._serials = count(1)
        for age in range(DAYS_BEFORE, 0, -1):
            self._close(timeline.today - timedelta(days=age))
        self._take_snapshot()

    # Days

    def _close(self, ended: date) -> None:
        day = make_day(self.chance, ended, self.power.on(ended))
        self.days[ended] = day
        for coin, total in day.totals.items():
            self.holdings[coin].balance += total

    def _take_snapshot(self) -> None:
        self.snapshot_date = self.timeline.today
        self.snapshot = {coin: holding.row() for coin, holding in self.holdings.items()}
        tomorrow = self.snapshot_date + timedelta(days=1)
        self.timeline.at(midnight(tomorrow), self._turn_day)

    def _turn_day(self) -> None:
        self._close(self.timeline.today - timedelta(days=1))
        self._take_snapshot()

    def restate(self, on: date, totals: Mapping[str, Decimal]) -> None:
        """Correct what a past day brought; balances follow, the snapshots of the past don't."""
        day = self._known(on)
        if not set(totals) <= set(COINS):
            raise Misuse(f"the coins are {', '.join(COINS)}")
        differences = {coin: total - day.totals[coin] for coin, total in totals.items()}
        for coin, difference in differences.items():
            self._check_room(coin, self.holdings[coin].balance + difference)
        for coin, difference in differences.items():
            day.totals[coin] += difference
            self._correct(coin, difference, f"restated {on}")

    def scale(self, on: date, factor: Decimal) -> None:
        totals = self._known(on).totals
        self.restate(on, {coin: (total * factor).quantize(COIN_PLACES) for coin, total in totals.items()})

    def _known(self, on: date) -> Day:
        if on not in self.days:
            raise Misuse(f"{on} is no day the pool has facts of")
        return self.days[on]

    # Withdrawals

    def withdraw(self, coin: str, amount: Decimal, origin: str, quirks: Sequence[Fault] = ()) -> Withdrawal:
        fee = FEES[coin]
        debit = amount + fee if self.settings.fee_on_top else amount
        if amount <= 0 or debit > self.holdings[coin].available:
            raise Refused("Not enough balance")
        withdrawal = self._open(coin, amount, fee, debit, origin, quirks)
        self.holdings[coin].locked += debit
        self.withdrawals[withdrawal.withdraw_id] = withdrawal
        self._schedule(withdrawal, quirk(quirks, "ends"))
        return withdrawal

    def _open(
        self, coin: str, amount: Decimal, fee: Decimal, debit: Decimal, origin: str, quirks: Sequence[Fault]
    ) -> Withdrawal:
        serial, now = next(self._serials), self.timeline.now
        lists_late = quirk(quirks, "lists-late")
        delay = lists_late["seconds"] if lists_late else self.settings.listing_delay
        return Withdrawal(
            serial=serial,
            withdraw_id=self.chance.hexadecimal(24, "withdrawId", serial),
            coin=coin,
            amount=amount,
            fee=fee,
            debit=debit,
            address=self.account_address,
            origin=origin,
            created_at=now,
            listed_at=now + (milliseconds(delay) or 0),
        )

    def _schedule(self, withdrawal: Withdrawal, ends: Fault | None) -> None:
        if withdrawal.listed_at <= self.timeline.now:
            self._list(withdrawal)
        else:
            self.timeline.at(withdrawal.listed_at, lambda: self._list(withdrawal))
        status = ends["status"] if ends else "completed"
        message = ends["message"] if ends else None
        seconds = self.settings.withdrawal_time
        if seconds is not None and status != "pending":
            due = self.timeline.now + (milliseconds(seconds) or 0)
            self.timeline.at(due, lambda: self._end_by_itself(withdrawal, status, message))

    def _list(self, withdrawal: Withdrawal) -> None:
        self.listed.add(withdrawal)
        self.listed_by_coin[withdrawal.coin].add(withdrawal)

    def _end_by_itself(self, withdrawal: Withdrawal, status: str, message: str | None) -> None:
        if withdrawal.status == "pending":
            self.end(withdrawal.withdraw_id, status, message)

    def end(self, withdraw_id: str, status: str, message: str | None = None) -> None:
        """Complete, fail or cancel a pending withdrawal."""
        withdrawal = self.withdrawals.get(withdraw_id)
        if withdrawal is None or withdrawal.status != "pending":
            raise Misuse(f"{withdraw_id} is no pending withdrawal")
        if status not in ENDINGS:
            raise Misuse(f"a withdrawal ends {', '.join(ENDINGS)}, not {status}")
        holding = self.holdings[withdrawal.coin]
        holding.locked -= withdrawal.debit
        if status == "completed":
            holding.balance -= withdrawal.debit
        withdrawal.status, withdrawal.message = status, message
        withdrawal.updated_at = self.timeline.now

    # By hand

    def set_balance(self, coin: str, balance: Decimal) -> None:
        if coin not in COINS:
            raise Misuse(f"there is no coin {coin}")
        self._check_room(coin, balance)
        self._correct(coin, balance - self.holdings[coin].balance, "set by hand")

    def _check_room(self, coin: str, balance: Decimal) -> None:
        if balance < self.holdings[coin].locked:
            raise Misuse(f"{coin} has more locked than {written(balance)}")

    def _correct(self, coin: str, difference: Decimal, why: str) -> None:
        self.holdings[coin].balance += difference
        correction = {"coin": coin, "difference": written(difference), "why": why, "at": self.timeline.now}
        self.corrections.append(correction)
