"""Histories that differ from the books."""

import json
from typing import Any

import pytest

from aeghash.sandbox.faults.kinds import Fault
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from tests.sandbox.served import StoppedClock

AMOUNTS = ["1", "2", "3", "4", "5", "6"]


@pytest.fixture
def remote(pool: HashDam, clock: StoppedClock) -> FaultyRemote:
    """A pool with six completed withdrawals, a minute apart, of 1 to 6 LTC."""
    remote = FaultyRemote(pool)
    for amount in AMOUNTS:
        remote.call("assetWithdrawRequest", {"coin": "LTC", "amount": amount})
        clock.turn(60)
    return remote


def read(remote: FaultyRemote, **arguments: Any) -> dict[str, Any]:
    answer = json.loads(remote.call("assetWithdrawHistory", {"sort": False, **arguments}).body)
    assert answer["pagination"]["count"] == len(answer["data"])
    return dict(answer)


def amounts(answer: dict[str, Any]) -> list[str]:
    return [row["amount"] for row in answer["data"]]


def strike(remote: FaultyRemote, kind: str, **settings: Any) -> None:
    remote.set_faults([Fault(kind, settings=settings)])


def test_without_a_fault_the_history_is_the_books(remote: FaultyRemote) -> None:
    assert amounts(read(remote)) == AMOUNTS


def test_a_history_may_lag(remote: FaultyRemote) -> None:
    strike(remote, "history-lags", seconds=150)
    answer = read(remote)
    assert amounts(answer) == ["1", "2", "3", "4"]
    assert answer["pagination"]["total"] == 4


def test_page_two_may_be_lost(remote: FaultyRemote) -> None:
    strike(remote, "history-loses-page")
    assert amounts(read(remote, limit=2)) == ["1", "2"]
    lost = read(remote, limit=2, page=2)
    assert (lost["data"], lost["pagination"]["total"], lost["pagination"]["hasNext"]) == ([], 6, True)
    assert amounts(read(remote, limit=2, page=3)) == ["5", "6"]


def test_rows_may_be_missing(remote: FaultyRemote) -> None:
    strike(remote, "history-misses", every=3)
    answer = read(remote)
    assert amounts(answer) == ["1", "2", "4", "5"]
    assert answer["pagination"]["total"] == 6


def test_rows_may_be_missing_without_a_sign(remote: FaultyRemote) -> None:
    strike(remote, "history-misses", every=2, quietly=True)
    answer = read(remote)
    assert amounts(answer) == ["1", "3", "5"]
    assert answer["pagination"]["total"] == 3


def test_all_rows_may_be_missing(remote: FaultyRemote) -> None:
    strike(remote, "history-misses", every=1, quietly=True)
    assert read(remote)["data"] == []


def test_a_row_may_be_there_twice(remote: FaultyRemote) -> None:
    strike(remote, "history-repeats")
    assert amounts(read(remote)) == [*AMOUNTS, "1"]


def test_rows_may_be_in_any_order_and_the_same_one_under_one_seed(remote: FaultyRemote) -> None:
    strike(remote, "history-reorders")
    orders = [amounts(read(remote)) for _ in range(5)]
    assert all(sorted(order) == AMOUNTS for order in orders)
    assert any(order != AMOUNTS for order in orders)


def test_a_status_may_go_back(remote: FaultyRemote, pool: HashDam) -> None:
    strike(remote, "history-status-back")
    rows = read(remote)["data"]
    assert {row["status"] for row in rows} == {"pending"}
    assert all("updateAt" not in row for row in rows)
    assert {one["status"] for one in pool.books()["withdrawals"]} == {"completed"}


def test_amounts_may_have_trailing_zeros(remote: FaultyRemote) -> None:
    strike(remote, "history-trailing-zeros")
    row = read(remote)["data"][0]
    assert (row["amount"], row["fee"]) == ("1.000000000000", "0.001000000000")


def test_an_address_may_be_null(remote: FaultyRemote) -> None:
    strike(remote, "history-null-address")
    assert {row["address"] for row in read(remote)["data"]} == {None}


def test_amounts_may_be_net_or_gross_of_the_fee(remote: FaultyRemote) -> None:
    strike(remote, "history-amounts", **{"as": "net"})
    assert amounts(read(remote))[0] == "0.999"
    strike(remote, "history-amounts", **{"as": "gross"})
    assert amounts(read(remote))[0] == "1.001"


def test_two_rows_may_match_one_request(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("executes-twice", "assetWithdrawRequest")])
    remote.call("assetWithdrawRequest", {"coin": "DOGE", "amount": "9"})
    assert amounts(read(remote, coin="DOGE")) == ["9", "9"]


def test_faults_of_a_history_add_up(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("history-trailing-zeros"), Fault("history-null-address"), Fault("history-repeats")])
    rows = read(remote)["data"]
    assert (len(rows), rows[6]["amount"], rows[6]["address"]) == (7, "1.000000000000", None)


def test_the_other_histories_have_the_same_faults(remote: FaultyRemote) -> None:
    strike(remote, "history-repeats")
    for method in ("hashCreditChargeHistory", "hashPowerSwapHistory"):
        assert len(json.loads(remote.call(method, {}).body)["data"]) == 2


def test_a_fault_of_histories_leaves_a_refusal_alone(remote: FaultyRemote) -> None:
    strike(remote, "history-repeats")
    answer = json.loads(remote.call("assetWithdrawHistory", {"page": 0}).body)
    assert answer == {"code": 1, "message": "Invalid Parameter: page"}


def test_the_next_reading_without_a_fault_is_true_again(remote: FaultyRemote) -> None:
    before = read(remote)
    remote.set_faults([Fault("history-trailing-zeros", times=1), Fault("history-status-back", times=1)])
    assert read(remote) != before
    assert read(remote) == before
