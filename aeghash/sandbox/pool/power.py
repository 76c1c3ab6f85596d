"""Credit bought, and turned into power."""

from datetime import date
from decimal import Decimal
from itertools import count

from aeghash.sandbox.chance import Chance
from aeghash.sandbox.pool.entries import Charge, Swap
from aeghash.sandbox.pool.history import History
from aeghash.sandbox.refusals import Misuse, Refused
from aeghash.sandbox.timeline import Timeline, midnight

PRICE = Decimal(1)
CHARGE_COIN = "USDT"
POWER_PER_CREDIT = Decimal("0.290930496398")
POWER_PLACES = Decimal("0.000000000001")
PERIOD = 3
"""Years a swap's power lasts."""
OPENING_CHARGE = Decimal(2_000_000)
OPENING_SWAP = Decimal(1_000_000)


class PowerAccount:
    def __init__(self, chance: Chance, timeline: Timeline, *, founded: date) -> None:
        self.chance = chance
        self.timeline = timeline
        self.credit = Decimal()
        self.pay_address = "0x" + chance.hexadecimal(40, "charge address")
        self.charges: dict[str, Charge] = {}
        self.swaps: dict[str, Swap] = {}
        self.listed_charges: History[Charge] = History()
        self.listed_swaps: History[Swap] = History()
        self._serials = count(1)
        self._begin_with(founded)

    def _begin_with(self, founded: date) -> None:
        charge = self._open_charge(OPENING_CHARGE, None, midnight(founded))
        self._complete_charge(charge, midnight(founded))
        swap = self._open_swap(OPENING_SWAP, midnight(founded))
        self._complete_swap(swap, midnight(founded), founded)

    def on(self, day: date) -> Decimal:
        """Return the power that mined on a day."""
        return sum((self._power_of(swap) for swap in self.swaps.values() if _runs(swap, day)), Decimal())

    def charge(self, amount: Decimal, payer: str | None, done_after: int | None) -> Charge:
        charge = self._open_charge(amount, payer, self.timeline.now)
        if done_after is not None:
            self.timeline.at(self.timeline.now + done_after, lambda: self._end_charge(charge))
        return charge

    def swap(self, amount: Decimal, done_after: int | None) -> Swap:
        if amount <= 0 or amount > self.credit:
            raise Refused("Not enough credit")
        swap = self._open_swap(amount, self.timeline.now)
        if done_after is not None:
            self.timeline.at(self.timeline.now + done_after, lambda: self._end_swap(swap))
        return swap

    def power_after_all(self) -> Decimal:
        """Return today's power once the pending swaps are through."""
        pending = (self._power_of(swap) for swap in self.swaps.values() if swap.status == "pending")
        return self.on(self.timeline.today) + sum(pending, Decimal())

    def complete(self, entry_id: str) -> None:
        """Complete a pending charge or swap by hand."""
        charge, swap = self.charges.get(entry_id), self.swaps.get(entry_id)
        if charge is not None and charge.status == "pending":
            self._end_charge(charge)
        elif swap is not None and swap.status == "pending":
            self._end_swap(swap)
        else:
            raise Misuse(f"{entry_id} is no pending charge or swap")

    def _open_charge(self, amount: Decimal, payer: str | None, created_at: int) -> Charge:
        serial = next(self._serials)
        charge = Charge(
            serial=serial,
            charge_id=self.chance.hexadecimal(24, "chargeId", serial),
            payer=payer,
            address=self.pay_address,
            amount=amount,
            price=PRICE,
            coin=CHARGE_COIN,
            created_at=created_at,
        )
        self.charges[charge.charge_id] = charge
        self.listed_charges.add(charge)
        return charge

    def _end_charge(self, charge: Charge) -> None:
        if charge.status == "pending":
            self._complete_charge(charge, self.timeline.now)

    def _complete_charge(self, charge: Charge, at: int) -> None:
        self.credit += charge.amount / charge.price
        charge.status, charge.credit, charge.updated_at = "completed", self.credit, at

    def _open_swap(self, amount: Decimal, created_at: int) -> Swap:
        serial = next(self._serials)
        swap_id = self.chance.hexadecimal(24, "swapId", serial)
        self.credit -= amount
        swap = Swap(
            serial=serial,
            swap_id=swap_id,
            amount=amount,
            credit=self.credit,
            period=PERIOD,
            created_at=created_at,
        )
        self.swaps[swap_id] = swap
        self.listed_swaps.add(swap)
        return swap

    def _end_swap(self, swap: Swap) -> None:
        if swap.status == "pending":
            self._complete_swap(swap, self.timeline.now, self.timeline.today)

    def _complete_swap(self, swap: Swap, at: int, set_date: date) -> None:
        swap.status, swap.updated_at, swap.set_date = "completed", at, set_date
        swap.end_date = _years_later(set_date, swap.period)
        swap.power = self.on(set_date)

    @staticmethod
    def _power_of(swap: Swap) -> Decimal:
        return (swap.amount * POWER_PER_CREDIT).quantize(POWER_PLACES)


def _runs(swap: Swap, day: date) -> bool:
    return swap.set_date is not None and swap.end_date is not None and swap.set_date <= day < swap.end_date


def _years_later(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)
