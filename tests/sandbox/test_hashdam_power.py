"""Credit bought, and power made of it."""

from decimal import Decimal

from aeghash.sandbox.hashdam import HashDam
from tests.sandbox.served import StoppedClock


def test_a_charge_completes_later_and_raises_the_credit(pool: HashDam, clock: StoppedClock) -> None:
    before = Decimal(pool.books()["credit"])
    pool.call("hashCreditCharge", {"amount": "250"})
    assert Decimal(pool.books()["credit"]) == before
    clock.turn(60)
    charge = pool.call("hashCreditChargeHistory", {})["data"][0]
    assert (charge["status"], charge["updateAt"]) == ("completed", charge["createAt"] + 60_000)
    assert Decimal(charge["credit"]) == Decimal(pool.books()["credit"]) == before + 250


def test_a_swap_takes_the_credit_at_once_and_brings_the_power_later(pool: HashDam, clock: StoppedClock) -> None:
    before = pool.call("hashBalance", {})["data"]
    told = pool.call("hashPowerSwap", {"amount": "1000"})["data"]
    between = pool.call("hashBalance", {})["data"]
    assert (between["credit"], between["power"]) == (told["credit"], before["power"])
    clock.turn(60)
    after = pool.call("hashBalance", {})["data"]
    swap = pool.call("hashPowerSwapHistory", {})["data"][0]
    assert after["power"] == told["power"] == swap["power"]
    assert (swap["setDate"], swap["endDate"], swap["period"]) == ("2026-01-01", "2029-01-01", "3")


def test_power_ends_with_its_period(pool: HashDam) -> None:
    pool.turn_days(3 * 366)
    assert pool.call("hashBalance", {})["data"]["power"] == "0"
    assert pool.call("profitDaily", {})["data"]["profit"]["LTC"]["total"] == "0"
    assert pool.call("profitDailyMega", {})["data"]["profit"]["LTC"]["total"] == "0"
