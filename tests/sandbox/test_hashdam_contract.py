"""What the contract says of HashDam, checked over HTTP by a client that knows nothing but the contract."""

from collections.abc import Iterator

import pytest

from tests.sandbox.contract_client import COINS, HASHDAM, HASHDAM_ROWS, HashDamClient, refused
from tests.sandbox.served import Served, StoppedClock


@pytest.fixture
def client(served_pool: Served) -> Iterator[HashDamClient]:
    with HashDamClient(served_pool.url) as client:
        yield client


READING = [method for method in HASHDAM if method not in ("hashCreditCharge", "hashPowerSwap", "assetWithdrawRequest")]


@pytest.mark.parametrize("method", READING)
def test_a_reading_method_answers_with_the_fields_and_types_of_the_contract(client: HashDamClient, method: str) -> None:
    client.call(method)  # the client checks the shape


def test_every_method_of_the_contract_is_there_and_no_other(served_pool: Served) -> None:
    assert set(served_pool.remote.model.methods) == set(HASHDAM) | set(HASHDAM_ROWS)


def test_a_charge_names_where_to_pay_and_is_listed(client: HashDamClient) -> None:
    charge = client.call("hashCreditCharge", amount="250.5", **{"from": "0x" + "a" * 40})
    (row,) = client.call("hashCreditChargeHistory", chargeId=charge["chargeId"])["data"]
    assert (row["amount"], row["from"], row["to"]) == ("250.5", "0x" + "a" * 40, charge["address"])
    assert (row["status"], charge["coin"], row["coin"]) == ("pending", "USDT", "USDT")


def test_a_charge_without_a_payer_has_no_from(client: HashDamClient) -> None:
    charge = client.call("hashCreditCharge", amount="1")
    (row,) = client.call("hashCreditChargeHistory", chargeId=charge["chargeId"])["data"]
    assert "from" not in row


def test_a_swap_tells_the_balances_after_it(client: HashDamClient) -> None:
    before = client.call("hashBalance")
    swap = client.call("hashPowerSwap", amount="1000")
    assert float(swap["credit"]) == float(before["credit"]) - 1000
    assert float(swap["power"]) > float(before["power"])
    (row,) = client.call("hashPowerSwapHistory", swapId=swap["swapId"])["data"]
    assert (row["amount"], row["status"]) == ("1000", "pending")


def test_a_withdrawal_is_answered_with_its_id_and_echo(client: HashDamClient) -> None:
    told = client.call("assetWithdrawRequest", coin="DOGE", amount="12.50")
    assert (told["coin"], told["amount"]) == ("DOGE", "12.5")
    (row,) = client.call("assetWithdrawHistory", withdrawId=told["withdrawId"])["data"]
    assert (row["coin"], row["amount"], row["status"], row["type"]) == ("DOGE", "12.5", "pending", "interUser")


def test_a_repeated_withdraw_request_is_a_second_withdrawal(client: HashDamClient) -> None:
    first = client.call("assetWithdrawRequest", coin="LTC", amount="1")
    second = client.call("assetWithdrawRequest", coin="LTC", amount="1")
    assert first["withdrawId"] != second["withdrawId"]
    assert len(client.rows("assetWithdrawHistory", coin="LTC")) == 2


# Histories


@pytest.fixture
def fifteen(client: HashDamClient, clock: StoppedClock) -> list[str]:
    """The ids of fifteen withdrawals, oldest first, one a minute."""
    ids = []
    for number in range(15):
        clock.turn(60)
        told = client.call("assetWithdrawRequest", coin=("LTC", "DOGE")[number % 2], amount="1")
        ids.append(told["withdrawId"])
    return ids


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["withdrawId"] for row in answer["data"]]


def test_a_history_has_ten_rows_a_page_newest_first(client: HashDamClient, fifteen: list[str]) -> None:
    answer = client.call("assetWithdrawHistory")
    assert ids(answer) == fifteen[::-1][:10]
    expected = {"totalPage": 2, "total": 15, "currentPage": 1, "count": 10, "hasNext": True}
    assert answer["pagination"] == expected


def test_the_last_page_says_that_it_is_the_last(client: HashDamClient, fifteen: list[str]) -> None:
    answer = client.call("assetWithdrawHistory", page=2)
    assert ids(answer) == fifteen[::-1][10:]
    assert answer["pagination"]["hasNext"] is False


def test_a_page_past_the_end_is_empty(client: HashDamClient, fifteen: list[str]) -> None:
    answer = client.call("assetWithdrawHistory", page=3)
    assert answer["data"] == []
    expected = {"totalPage": 2, "total": 15, "currentPage": 3, "count": 0, "hasNext": False}
    assert answer["pagination"] == expected


def test_sort_false_is_oldest_first(client: HashDamClient, fifteen: list[str]) -> None:
    assert ids(client.call("assetWithdrawHistory", sort=False, limit=4, page=2)) == fifteen[4:8]
    assert ids(client.call("assetWithdrawHistory", sort=False, limit=4, page=4)) == fifteen[12:]
    assert ids(client.call("assetWithdrawHistory", sort=False, limit=4, page=5)) == []


def test_a_history_is_narrowed_to_a_coin(client: HashDamClient, fifteen: list[str]) -> None:
    rows = client.rows("assetWithdrawHistory", coin="DOGE", limit=3)
    assert [row["withdrawId"] for row in rows] == fifteen[::-1][1::2]


def test_an_id_fetches_one_row(client: HashDamClient, fifteen: list[str]) -> None:
    answer = client.call("assetWithdrawHistory", withdrawId=fifteen[3])
    assert ids(answer) == [fifteen[3]]
    assert client.call("assetWithdrawHistory", withdrawId="unknown")["data"] == []


def test_dates_narrow_a_history_and_include_both_ends(
    client: HashDamClient, clock: StoppedClock, fifteen: list[str]
) -> None:
    clock.turn(24 * 3600)
    later = client.call("assetWithdrawRequest", coin="LTC", amount="1")["withdrawId"]
    on_the_first = {"startDate": "2026-01-01", "endDate": "2026-01-01"}
    assert client.call("assetWithdrawHistory", **on_the_first)["pagination"]["total"] == 15
    assert ids(client.call("assetWithdrawHistory", startDate="2026-01-02")) == [later]
    assert client.call("assetWithdrawHistory", endDate="2025-12-31")["data"] == []
    assert client.call("assetWithdrawHistory", startDate="2026-01-03", endDate="2026-01-01")["data"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", 0),
        ("page", "1"),
        ("page", True),
        ("page", 1.5),
        ("limit", 0),
        ("limit", 1001),
        ("sort", "true"),
        ("startDate", "2026-1-1"),
        ("endDate", "2026-W01-1"),
        ("endDate", 20260101),
        ("coin", "BTC"),
        ("coin", ["LTC"]),
    ],
)
def test_a_malformed_argument_of_a_history_is_refused(client: HashDamClient, name: str, value: object) -> None:
    with refused(f"Invalid Parameter: {name}"):
        client.call("assetWithdrawHistory", **{name: value})


# Days


def test_the_newest_day_is_yesterday(client: HashDamClient) -> None:
    assert client.call("profitDaily")["date"] == "2025-12-31"
    assert client.call("hashRateDaily")["date"] == "2025-12-31"
    assert client.call("profitDailyMega")["date"] == "2025-12-31"


def test_a_day_can_be_read_from_midnight_on(client: HashDamClient, clock: StoppedClock) -> None:
    clock.turn(12 * 3600 - 0.001)
    with refused("Not Found Data"):
        client.call("profitDaily", date="2026-01-01")
    clock.turn(0.001)
    assert client.call("profitDaily", date="2026-01-01") == client.call("profitDaily")


def test_ninety_days_back_can_be_read_at_once(client: HashDamClient) -> None:
    assert client.call("profitDaily", date="2025-10-03")["date"] == "2025-10-03"


@pytest.mark.parametrize("date", ["2026-01-01", "2027-01-01", "1999-12-31"])
def test_a_day_without_facts_is_refused(client: HashDamClient, date: str) -> None:
    with refused("Not Found Data"):
        client.call("hashRateDaily", date=date)


@pytest.mark.parametrize("date", ["", "today", "2025-13-01", "20251231", 5, True])
def test_a_malformed_date_is_refused(client: HashDamClient, date: object) -> None:
    with refused("Invalid Parameter: date"):
        client.call("profitDaily", date=date)


# Refusals


BAD_AMOUNTS: list[object] = [
    None, "", "0", "0.0", "-1", "1e5", "1_000", " 1", "1 ", ".5", "5.", "NaN", "Infinity", "١", "１", 1, 1.5, True,
    "1.0000000000001", "1" * 21, [], {},
]  # fmt: skip


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_a_bad_amount_is_refused_and_nothing_happens(
    client: HashDamClient, served_pool: Served, amount: object
) -> None:
    before = served_pool.books()
    for method in ("assetWithdrawRequest", "hashCreditCharge", "hashPowerSwap"):
        with refused("Invalid Parameter: amount"):
            client.call(method, coin="LTC", amount=amount)
    assert served_pool.books() == before


@pytest.mark.parametrize("coin", [None, "", "BTC", "ltc", 5])
def test_a_coin_the_pool_does_not_mine_is_refused(client: HashDamClient, served_pool: Served, coin: object) -> None:
    before = served_pool.books()
    with refused("Invalid Parameter: coin"):
        client.call("assetWithdrawRequest", coin=coin, amount="1")
    assert served_pool.books() == before


def test_more_than_is_there_is_refused_and_nothing_happens(client: HashDamClient, served_pool: Served) -> None:
    before = served_pool.books()
    with refused("Not enough balance"):
        client.call("assetWithdrawRequest", coin="LTC", amount="99999999")
    with refused("Not enough credit"):
        client.call("hashPowerSwap", amount="99999999999")
    assert served_pool.books() == before


def test_no_key_is_not_found(served_pool: Served) -> None:
    with HashDamClient(served_pool.url, key=None) as client, refused("Not Found API Key"):
        client.call("projectInfo")


def test_a_test_pool_may_be_called_with_no_key(served_pool: Served) -> None:
    served_pool.control("access", key_required=False)
    with HashDamClient(served_pool.url, key=None) as client:
        client.call("projectInfo")


def test_another_key_is_invalid(served_pool: Served, client: HashDamClient) -> None:
    served_pool.control("access", keys=["the right one"])
    with refused("Invalid API Key"):
        client.call("assetWithdrawRequest", coin="LTC", amount="1")
    with HashDamClient(served_pool.url, key="the right one") as right:
        right.call("projectInfo")


def test_an_address_off_the_list_is_unauthorized(served_pool: Served, client: HashDamClient) -> None:
    served_pool.control("access", addresses=["192.0.2.1"])
    with refused("Invalid access from an unauthorized IP Address"):
        client.call("projectInfo")


def test_permission_is_per_method(served_pool: Served, client: HashDamClient) -> None:
    served_pool.control("access", forbidden=["assetWithdrawRequest"])
    with refused("No API Permission"):
        client.call("assetWithdrawRequest", coin="LTC", amount="1")
    client.call("projectInfo")
    assert served_pool.books()["withdrawals"] == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"method":5}', b'{"method":"nothing"}'])
def test_a_body_that_names_no_method_is_refused(client: HashDamClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.session.post(client.url, data=body, headers=headers, timeout=5).json()
    assert answer == {"code": 1, "message": "Unknown Method"}


def test_coins_are_those_of_the_contract(client: HashDamClient) -> None:
    assert tuple(client.call("assetBalance")["asset"]) == COINS
