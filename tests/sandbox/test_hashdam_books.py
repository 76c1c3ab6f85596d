"""What the pool really does: withdrawals, days, credit and power."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeghash.sandbox.hashdam import HashDam, HashDamSettings
from aeghash.sandbox.refusals import Misuse
from tests.sandbox.served import StoppedClock


def withdraw(pool: HashDam, coin: str = "LTC", amount: str = "10") -> str:
    answer = pool.call("assetWithdrawRequest", {"coin": coin, "amount": amount})
    withdraw_id: str = answer["data"]["withdrawId"]
    return withdraw_id


def row(pool: HashDam, withdraw_id: str) -> dict[str, Any] | None:
    rows = pool.call("assetWithdrawHistory", {"withdrawId": withdraw_id})["data"]
    return rows[0] if rows else None


def holding(pool: HashDam, coin: str = "LTC") -> dict[str, str]:
    return next(line for line in pool.books()["balances"] if line["coin"] == coin)


# Withdrawals


def test_a_pending_withdrawal_locks_amount_and_fee(pool: HashDam) -> None:
    before = Decimal(holding(pool)["available"])
    withdraw(pool)
    assert holding(pool)["locked"] == "10.001"
    assert Decimal(holding(pool)["available"]) == before - Decimal("10.001")


def test_a_withdrawal_completes_in_its_time(pool: HashDam, clock: StoppedClock) -> None:
    before = Decimal(holding(pool)["balance"])
    withdraw_id = withdraw(pool)
    clock.turn(29.999)
    assert row(pool, withdraw_id)["status"] == "pending"  # type: ignore[index]
    clock.turn(100)
    done = row(pool, withdraw_id)
    assert done is not None
    assert done["status"] == "completed"
    assert done["updateAt"] == done["createAt"] + 30_000
    assert Decimal(holding(pool)["balance"]) == before - Decimal("10.001")
    assert "locked" not in holding(pool)


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_withdrawal_that_does_not_go_through_gives_its_amount_back(pool: HashDam, status: str) -> None:
    before = holding(pool)
    withdraw_id = withdraw(pool)
    pool.end_withdrawal(withdraw_id, status, "exchange account closed")
    ended = row(pool, withdraw_id)
    assert ended is not None
    assert (ended["status"], ended["message"]) == (status, "exchange account closed")
    assert holding(pool) == before


def test_a_withdrawal_ended_by_hand_does_not_end_again_by_itself(pool: HashDam, clock: StoppedClock) -> None:
    withdraw_id = withdraw(pool)
    pool.end_withdrawal(withdraw_id, "failed")
    before = pool.books()["balances"]
    clock.turn(60)
    assert pool.books()["balances"] == before
    with pytest.raises(Misuse):
        pool.end_withdrawal(withdraw_id, "completed")


def test_the_fee_may_come_out_of_the_amount(clock: StoppedClock) -> None:
    pool = HashDam(clock=clock, settings=HashDamSettings(fee_on_top=False))
    withdraw(pool)
    assert holding(pool)["locked"] == "10"


def test_the_whole_balance_less_the_fee_can_be_withdrawn_and_not_a_digit_more(pool: HashDam) -> None:
    pool.set_balance("LTC", Decimal("5.000000000001"))
    too_much = pool.call("assetWithdrawRequest", {"coin": "LTC", "amount": "4.999000000002"})
    assert too_much == {"code": 1, "message": "Not enough balance"}
    withdraw(pool, amount="4.999000000001")
    assert holding(pool)["available"] == "0"


def test_a_withdrawal_is_listed_only_after_the_listing_delay(slow_pool: HashDam, clock: StoppedClock) -> None:
    withdraw_id = withdraw(slow_pool)
    clock.turn(119.999)
    assert row(slow_pool, withdraw_id) is None
    assert slow_pool.call("assetWithdrawHistory", {})["pagination"]["total"] == 0
    assert slow_pool.call("assetWithdrawHistory", {"coin": "LTC"})["data"] == []
    clock.turn(0.001)
    assert row(slow_pool, withdraw_id) is not None
    assert len(slow_pool.call("assetWithdrawHistory", {"coin": "LTC"})["data"]) == 1


def test_the_books_show_what_is_not_listed_yet(slow_pool: HashDam) -> None:
    withdraw_id = withdraw(slow_pool)
    (booked,) = slow_pool.books()["withdrawals"]
    assert booked["withdrawId"] == withdraw_id
    assert booked["listedAt"] == booked["createAt"] + 120_000


def test_a_withdrawal_outside_of_us_is_in_the_history_like_any_other(pool: HashDam) -> None:
    orphan = pool.withdraw_outside("LTC", Decimal(3))
    assert row(pool, orphan)["amount"] == "3"  # type: ignore[index]
    assert pool.books()["withdrawals"][0]["origin"] == "outside"


@pytest.mark.parametrize(("coin", "amount"), [("BTC", "1"), ("LTC", "99999999"), ("LTC", "0")])
def test_a_withdrawal_outside_that_cannot_be_is_misuse(pool: HashDam, coin: str, amount: str) -> None:
    before = pool.books()
    with pytest.raises(Misuse):
        pool.withdraw_outside(coin, Decimal(amount))
    assert pool.books() == before


def test_a_time_of_none_means_by_hand_only(clock: StoppedClock) -> None:
    by_hand = HashDamSettings(withdrawal_time=None, charge_time=None, swap_time=None)
    pool = HashDam(clock=clock, settings=by_hand)
    withdraw_id = withdraw(pool)
    charge = pool.call("hashCreditCharge", {"amount": "5"})["data"]["chargeId"]
    swap = pool.call("hashPowerSwap", {"amount": "5"})["data"]["swapId"]
    clock.turn(10 * 24 * 3600)
    books = pool.books()
    assert {books["withdrawals"][0]["status"], books["charges"][-1]["status"], books["swaps"][-1]["status"]} == {
        "pending"
    }
    pool.end_withdrawal(withdraw_id, "completed")
    pool.complete(charge)
    pool.complete(swap)
    books = pool.books()
    assert {books["withdrawals"][0]["status"], books["charges"][-1]["status"], books["swaps"][-1]["status"]} == {
        "completed"
    }
    with pytest.raises(Misuse):
        pool.complete(charge)


# Days


def test_midnight_brings_the_income_of_the_day_that_ended(pool: HashDam, clock: StoppedClock) -> None:
    before = Decimal(holding(pool)["balance"])
    clock.turn(12 * 3600)
    income = pool.call("profitDaily", {"date": "2026-01-01"})["data"]["profit"]["LTC"]["total"]
    assert Decimal(holding(pool)["balance"]) == before + Decimal(income)
    assert Decimal(income) > 0


def test_asset_balance_is_a_snapshot_of_midnight(pool: HashDam, clock: StoppedClock) -> None:
    first = pool.call("assetBalance", {})
    withdraw(pool)
    clock.turn(11 * 3600)
    assert pool.call("assetBalance", {}) == first
    clock.turn(3600)
    second = pool.call("assetBalance", {})["data"]
    assert second["date"] == "2026-01-02"
    assert second["asset"]["LTC"]["balance"] == holding(pool)["balance"]


def test_a_pending_withdrawal_shows_as_locked_in_the_snapshot(clock: StoppedClock) -> None:
    pool = HashDam(clock=clock, settings=HashDamSettings(withdrawal_time=None))
    withdraw(pool)
    pool.turn_days(1)
    assert pool.call("assetBalance", {})["data"]["asset"]["LTC"]["locked"] == "10.001"


def test_income_per_mega_is_income_over_power(pool: HashDam) -> None:
    total = Decimal(pool.call("profitDaily", {})["data"]["profit"]["PEP"]["total"])
    mega = Decimal(pool.call("profitDailyMega", {})["data"]["profit"]["PEP"]["total"])
    power = Decimal(pool.call("hashBalance", {})["data"]["power"])
    assert mega == (total / power).quantize(Decimal("1e-12"))


def test_turning_days_on_makes_each_day_on_the_way(pool: HashDam) -> None:
    pool.turn_days(40)
    for day in ("2026-01-01", "2026-01-20", "2026-02-09"):
        assert pool.call("profitDaily", {"date": day})["code"] == 0
    assert pool.call("profitDaily", {})["data"]["date"] == "2026-02-09"


def test_looking_seldom_and_looking_often_lead_to_the_same_books(clock: StoppedClock) -> None:
    often, seldom = HashDam(clock=clock), HashDam(clock=clock)
    for pool in (often, seldom):
        withdraw(pool)
        pool.call("hashCreditCharge", {"amount": "7"})
    for _ in range(60):
        clock.turn(3600)
        often.catch_up()
    assert often.books() == seldom.books()


def test_a_clock_stepped_back_does_not_turn_the_remote_back(pool: HashDam, clock: StoppedClock) -> None:
    clock.turn(13 * 3600)
    later = pool.books()
    clock.turn(-13 * 3600)
    assert pool.books() == later


def test_restating_a_day_changes_its_income_and_the_balance_by_the_difference(pool: HashDam) -> None:
    before = Decimal(holding(pool)["balance"])
    told = Decimal(pool.call("profitDaily", {})["data"]["profit"]["LTC"]["total"])
    pool.restate_day(date(2025, 12, 31), {"LTC": told + Decimal("0.5")})
    profit = pool.call("profitDaily", {"date": "2025-12-31"})["data"]["profit"]
    assert Decimal(profit["LTC"]["total"]) == told + Decimal("0.5")
    assert Decimal(holding(pool)["balance"]) == before + Decimal("0.5")
    assert pool.books()["corrections"] == [
        {"coin": "LTC", "difference": "0.5", "why": "restated 2025-12-31", "at": pool.timeline.now}
    ]


def test_restating_leaves_the_snapshot_of_midnight_alone(pool: HashDam) -> None:
    before = pool.call("assetBalance", {})
    pool.scale_day(date(2025, 12, 31), Decimal("0.9"))
    assert pool.call("assetBalance", {}) == before


def test_restating_by_a_factor_changes_every_coin(pool: HashDam) -> None:
    before = pool.call("profitDaily", {})["data"]["profit"]
    pool.scale_day(date(2025, 12, 31), Decimal("0.5"))
    after = pool.call("profitDaily", {})["data"]["profit"]
    for coin in before:
        half = (Decimal(before[coin]["total"]) / 2).quantize(Decimal("1e-12"))
        assert abs(Decimal(after[coin]["total"]) - half) <= Decimal("1e-12")


def test_restating_what_cannot_be_is_misuse_and_changes_nothing(pool: HashDam) -> None:
    before = pool.books()
    with pytest.raises(Misuse):
        pool.restate_day(date(2026, 1, 1), {"LTC": Decimal(1)})
    with pytest.raises(Misuse):
        pool.restate_day(date(2025, 12, 31), {"BTC": Decimal(1)})
    assert pool.books() == before


def test_a_balance_cannot_be_set_below_what_is_locked(pool: HashDam) -> None:
    withdraw(pool)
    before = pool.books()
    with pytest.raises(Misuse):
        pool.set_balance("LTC", Decimal(10))
    with pytest.raises(Misuse):
        pool.set_balance("BTC", Decimal(10))
    assert pool.books() == before


# Always


STEPS = st.one_of(
    st.tuples(st.just("withdraw"), st.sampled_from(["LTC", "PEP"]), st.decimals("0.000000000001", 3000, places=12)),
    st.tuples(st.just("turn"), st.just(""), st.integers(0, 90_000).map(Decimal)),
    st.tuples(st.just("fail"), st.just(""), st.just(Decimal())),
    st.tuples(st.just("outside"), st.just("LTC"), st.decimals(1, 50, places=3)),
)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_happens_the_balances_follow_from_the_books(steps: list[tuple[str, str, Decimal]]) -> None:
    clock = StoppedClock()
    pool = HashDam(clock=clock)
    opening = {line["coin"]: Decimal(line["balance"]) for line in pool.books()["balances"]}
    opening_days = len(pool.books()["days"])
    for what, coin, amount in steps:
        step(pool, clock, what, coin, amount)
    books = pool.books()
    for line in books["balances"]:
        ours = [one for one in books["withdrawals"] if one["coin"] == line["coin"]]
        spent = sum(Decimal(one["debit"]) for one in ours if one["status"] == "completed")
        locked = sum(Decimal(one["debit"]) for one in ours if one["status"] == "pending")
        earned = sum(Decimal(day["profit"][line["coin"]]["total"]) for day in books["days"][opening_days:])
        assert Decimal(line["balance"]) == opening[line["coin"]] + earned - spent
        assert Decimal(line.get("locked", "0")) == locked
        assert Decimal(line["available"]) >= 0


def step(pool: HashDam, clock: StoppedClock, what: str, coin: str, amount: Decimal) -> None:
    if what == "withdraw":
        pool.call("assetWithdrawRequest", {"coin": coin, "amount": f"{amount:f}"})
    elif what == "turn":
        clock.turn(int(amount))
    elif what == "outside" and Decimal(holding(pool, coin)["available"]) > amount + 1:
        pool.withdraw_outside(coin, amount)
    elif what == "fail":
        pending = [one["withdrawId"] for one in pool.books()["withdrawals"] if one["status"] == "pending"]
        for withdraw_id in pending[:1]:
            pool.end_withdrawal(withdraw_id, "failed")
