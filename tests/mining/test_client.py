"""The client: typed rows out of whatever comes, and whole histories or none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeghash.core.egress import NotSent as NotSentFailure
from aeghash.core.egress import Reason, Sent
from aeghash.core.payouts import Accepted, NotSent, Refused, Unknown
from mining.clients.hashdam import (
    BadRow,
    ChargeRow,
    Echo,
    IncompleteReading,
    Remark,
    SwapRow,
    WithdrawalRow,
    classify,
    read_day,
    read_hash_balance,
    read_history,
    read_holdings,
    read_project,
    read_recent_rates,
)
from mining.clients.hashdam.classifier import PASSING
from tests.sandbox.served import Served

ECHO = Echo("withdrawId", Decimal("1.5"), {"coin": "LTC"})
GOOD = {"withdrawId": "abc", "coin": "LTC", "amount": "1.50"}
COINS = frozenset({"LTC", "DOGE", "BELLS", "LKY", "PEP", "JKC", "DINGO", "SHIC"})
ROW: dict[str, Any] = {
    "withdrawId": "w1",
    "coin": "LTC",
    "amount": "1.500",
    "fee": "0.001",
    "address": None,
    "type": "interUser",
    "status": "pending",
    "createAt": 1_767_268_800_123,
}


def test_an_acceptance_names_its_id() -> None:
    assert classify({"code": 0, "data": GOOD}, ECHO) == Accepted("abc")


@pytest.mark.parametrize(("message", "passing"), PASSING.items())
def test_a_refusal_of_the_closed_list_moves_nothing(message: str, passing: bool) -> None:
    assert classify({"code": 1, "message": message}, ECHO) == Refused(message, passing)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        0,
        {},
        {"code": "0", "data": GOOD},
        {"code": False, "data": GOOD},
        {"code": True, "message": "Invalid API Key"},
        {"code": Decimal(0), "data": GOOD},
        {"code": 2},
        {"code": 1},
        {"code": 1, "message": "Not enough balance"},
        {"code": 1, "message": ["Invalid API Key"]},
        {"code": 0},
        {"code": 0, "data": []},
        {"code": 0, "data": {**GOOD, "withdrawId": ""}},
        {"code": 0, "data": {**GOOD, "withdrawId": 7}},
        {"code": 0, "data": {**GOOD, "withdrawId": "a b"}},
        {"code": 0, "data": {**GOOD, "withdrawId": "x" * 129}},
        {"code": 0, "data": {**GOOD, "withdrawId": "\0"}},
        {"code": 0, "data": {**GOOD, "amount": "1.6"}},
        {"code": 0, "data": {**GOOD, "amount": 1}},
        {"code": 0, "data": {**GOOD, "coin": "DOGE"}},
        {"code": 0, "data": {"withdrawId": "abc"}},
    ],
)
def test_anything_else_is_unknown(answer: Any) -> None:
    assert isinstance(classify(answer, ECHO), Unknown)


def test_a_failure_is_not_sent_only_where_no_byte_left() -> None:
    assert classify(NotSentFailure(Reason.REFUSED), ECHO) == NotSent("refused")
    assert isinstance(classify(Sent(Reason.TIMEOUT), ECHO), Unknown)
    assert isinstance(classify(Sent(Reason.HTTP_STATUS, status=400), ECHO), Unknown)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text()
    | st.sampled_from([*PASSING, "abc", "1.5", "LTC"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "data", "message", "withdrawId", "amount", "coin"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_the_classifier_is_total(answer: Any) -> None:
    outcome = classify(answer, ECHO)
    if isinstance(outcome, Accepted):
        assert answer["code"] == 0
        assert answer["data"]["withdrawId"] == outcome.remote_id
    if isinstance(outcome, Refused):
        assert answer["message"] in PASSING
    assert not isinstance(outcome, NotSent)


def test_a_row_is_typed() -> None:
    row = WithdrawalRow.of(ROW)
    assert (row.remote_id, row.amount, row.address, row.message, row.updated_at) == ("w1", Decimal("1.5"), "", "", None)
    assert row.created_at.isoformat() == "2026-01-01T12:00:00.123000+00:00"
    assert [row.is_of(Decimal(text)) for text in ("1.5", "1.499", "1.501", "1.502")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("withdrawId", ""),
        ("withdrawId", 7),
        ("coin", None),
        ("amount", "NaN"),
        ("amount", "-1"),
        ("amount", 1.5),
        ("amount", "1e5"),
        ("amount", "1" * 40),
        ("fee", None),
        ("address", 7),
        ("status", "paid"),
        ("status", []),
        ("createAt", "1767268800123"),
        ("createAt", True),
        ("createAt", -1),
        ("createAt", 10**18),
        ("updateAt", "x"),
    ],
)
def test_a_row_that_breaks_the_contract_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadRow) as refusal:
        WithdrawalRow.of({**ROW, name: value})
    assert refusal.value.field == name


def test_every_reading_of_the_pool_is_understood(pool: Served) -> None:
    day, credit, power, _raw = read_hash_balance()
    assert (day.isoformat(), credit > 0, power > 0) == ("2026-01-01", True, True)
    assert read_project()[1] == "payouts@aeghash.example"
    assert read_recent_rates(per_mega=True).hash_rate_1h < 2 < read_recent_rates(per_mega=False).hash_rate_1h
    assert {held.coin for held in read_holdings(COINS)[1]} == COINS
    report = read_day(day.replace(year=2025, month=12, day=31), COINS)
    assert (report.flaw, set(report.incomes)) == ("", set(COINS))
    assert len(read_history(ChargeRow).rows) == len(read_history(SwapRow).rows) == 1
    with pytest.raises(Remark, match="Not Found Data"):
        read_day(day, COINS)


@pytest.fixture
def six(pool: Served) -> Served:
    for amount in "123456":
        pool.control("withdraw-outside", coin="LTC", amount=amount)
    return pool


def amounts(**arguments: Any) -> list[int]:
    return sorted(int(row.amount) for row in read_history(WithdrawalRow, limit=2, **arguments).rows)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"kind": "history-loses-page", "times": 2},
        {"kind": "history-misses", "times": 2},
        {"kind": "history-repeats"},
        {"kind": "history-reorders"},
        {"kind": "history-trailing-zeros"},
        {"kind": "status", "status": 503, "times": 3},
        {"kind": "reset", "times": 1},
    ],
)
def test_a_history_is_whole_whatever_the_pool_does_for_a_while(six: Served, fault: dict[str, Any] | None) -> None:
    if fault:
        six.fault(**fault)
    assert amounts() == [1, 2, 3, 4, 5, 6]
    assert amounts(coin="DOGE") == []


@pytest.mark.parametrize("kind", ["history-loses-page", "history-misses"])
def test_a_history_that_stays_broken_is_not_taken_for_whole(six: Served, kind: str) -> None:
    six.fault(kind)
    with pytest.raises(IncompleteReading):
        amounts()


def test_a_history_all_of_whose_calls_fail_is_not_taken_for_empty(six: Served) -> None:
    six.fault("reset")
    with pytest.raises(IncompleteReading):
        amounts()
