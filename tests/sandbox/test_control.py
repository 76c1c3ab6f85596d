"""Steering over HTTP: each action, what it refuses, and who may not steer at all."""

import http.client
import json
from typing import Any

import pytest
import requests

from aeghash.sandbox.control import ACTIONS
from aeghash.sandbox.mblock import FEE_WALLET, PAYOUT_WALLETS, USDT
from tests.sandbox.contract_client import HashDamClient, MBlockClient
from tests.sandbox.served import Served, StoppedClock

ELSEWHERE = "0x" + "e" * 40


def steer(served: Served, request: Any, **headers: str) -> requests.Response:
    given = {"Content-Type": "application/json", **headers}
    return requests.post(f"{served.root}/_control", data=json.dumps(request), headers=given, timeout=5)


def withdraw(served: Served) -> str:
    with HashDamClient(served.url) as client:
        withdraw_id: str = client.call("assetWithdrawRequest", coin="LTC", amount="1")["withdrawId"]
    return withdraw_id


def test_days_are_turned_on(served_pool: Served) -> None:
    before = served_pool.books()
    served_pool.control("days", days=2)
    after = served_pool.books()
    assert after["now"] == before["now"] + 2 * 86_400_000
    assert len(after["days"]) == len(before["days"]) + 2
    served_pool.control("days")
    assert served_pool.books()["now"] == before["now"] + 3 * 86_400_000


def test_the_clock_is_turned_on_by_seconds(served_pool: Served) -> None:
    before = served_pool.books()["now"]
    served_pool.control("advance", seconds=1.5)
    assert served_pool.books()["now"] == before + 1_500


def test_faults_are_set_added_and_cleared(served_pool: Served) -> None:
    served_pool.control("faults", set=[{"kind": "html"}, {"kind": "reset", "method": "projectInfo", "bytes": 3}])
    served_pool.fault("timeout", chance="0.5", times=3)
    told = requests.get(f"{served_pool.root}/_faults", timeout=5).json()
    assert told["set"] == [
        {"kind": "html", "method": "*"},
        {"kind": "reset", "method": "projectInfo", "bytes": 3},
        {"kind": "timeout", "method": "*", "chance": "0.5", "times": 3},
    ]
    assert told["kinds"]["timeout"] == {"executes": True}
    served_pool.control("faults", set=[])
    assert requests.get(f"{served_pool.root}/_faults", timeout=5).json()["set"] == []


def test_a_trace_is_replayed(served_pool: Served) -> None:
    served_pool.fault("status", status=503, with_answer=True, chance="0.5")
    first = [withdraw_status(served_pool) for _ in range(12)]
    trace = [entry for entry in served_pool.trace()["entries"] if entry["event"] == "call"]
    served_pool.control("reset")
    served_pool.control("replay", entries=trace)
    assert [withdraw_status(served_pool) for _ in range(12)] == first
    assert len(set(first)) == 2


def withdraw_status(served: Served) -> int:
    with HashDamClient(served.url) as client:
        return client.post("assetWithdrawRequest", coin="LTC", amount="1").status_code


def test_a_reset_begins_anew_under_a_seed(served_pool: Served) -> None:
    fresh = served_pool.books()
    withdraw(served_pool)
    assert served_pool.control("reset") == {"ok": True, "seed": 7}
    assert served_pool.books() == fresh
    assert served_pool.control("reset", seed=9) == {"ok": True, "seed": 9}
    assert served_pool.books()["days"] != fresh["days"]


def test_settings_change_how_long_things_take(served_pool: Served, clock: StoppedClock) -> None:
    served_pool.control("settings", listing_delay=60, withdrawal_time=None)
    withdraw(served_pool)
    with HashDamClient(served_pool.url) as client:
        assert client.call("assetWithdrawHistory")["data"] == []
        clock.turn(3600)
        (row,) = client.call("assetWithdrawHistory")["data"]
    assert row["status"] == "pending"


def test_a_withdrawal_is_ended_by_hand(served_pool: Served) -> None:
    withdraw_id = withdraw(served_pool)
    served_pool.control("end", withdrawId=withdraw_id, status="failed", message="no")
    assert served_pool.books()["withdrawals"][0]["status"] == "failed"


def test_a_withdrawal_is_made_outside_of_us(served_pool: Served) -> None:
    told = served_pool.control("withdraw-outside", coin="LTC", amount="2")
    (booked,) = served_pool.books()["withdrawals"]
    assert (booked["withdrawId"], booked["origin"]) == (told["withdrawId"], "outside")


def test_a_day_is_restated_by_total_or_factor(served_pool: Served) -> None:
    served_pool.control("restate", date="2025-12-31", coin="LTC", total="3")
    with HashDamClient(served_pool.url) as client:
        assert client.call("profitDaily")["profit"]["LTC"]["total"] == "3"
        served_pool.control("restate", date="2025-12-31", factor="0.5")
        assert client.call("profitDaily")["profit"]["LTC"]["total"] == "1.5"


def test_a_balance_is_set(served_pool: Served, served_service: Served) -> None:
    served_pool.control("coin-balance", coin="LTC", amount="0.5")
    assert served_pool.books()["balances"][0]["balance"] == "0.5"
    served_service.control("token-balance", address=ELSEWHERE, contract=USDT, amount="0.5")
    served_service.control("token-balance", address=ELSEWHERE, amount="3")
    with MBlockClient(served_service.url) as client:
        assert client.call("balanceOf", address=ELSEWHERE, contract=USDT)["amount"] == "0.5"
        assert client.call("balanceOf", address=ELSEWHERE)["amount"] == "3"


def test_charges_and_swaps_are_completed_by_hand(served_pool: Served) -> None:
    with HashDamClient(served_pool.url) as client:
        charge_id = client.call("hashCreditCharge", amount="5")["chargeId"]
        served_pool.control("complete", id=charge_id)
        assert client.call("hashCreditChargeHistory", chargeId=charge_id)["data"][0]["status"] == "completed"


def test_a_deposit_comes_from_outside(served_service: Served) -> None:
    told = served_service.control("transfer-outside", **{"from": ELSEWHERE}, to=FEE_WALLET.address, amount="5")
    with MBlockClient(served_service.url) as client:
        assert client.call("receiptByHash", txid=told["txid"], contract=None)["amount"] == "5"


def test_a_callback_is_fired_by_hand(served_service: Served) -> None:
    served_service.control("callback", token="nobody's", url="http://127.0.0.1:9/", changes={"result": False})
    (callback,) = served_service.books()["callbacks"]
    assert callback["body"] == {"result": False, "token": "nobody's"}


def test_what_was_steered_is_in_the_trace(served_pool: Served) -> None:
    served_pool.control("days", days=1)
    (entry,) = served_pool.trace()["entries"]
    assert (entry["event"], entry["request"]) == ("control", {"action": "days", "days": 1})


# Refusals

BAD: list[object] = [
    None, [], {}, {"action": "nothing"}, {"action": 5}, {"action": ["days"]},
    {"action": "days", "days": -1}, {"action": "days", "days": "1"}, {"action": "days", "days": 10**6},
    {"action": "days", "hours": 1},
    {"action": "advance"}, {"action": "advance", "seconds": "1"}, {"action": "advance", "seconds": -1},
    {"action": "advance", "seconds": 10**12},
    {"action": "fault", "kind": "nothing"}, {"action": "fault", "kind": "callback-never"}, {"action": "faults"},
    {"action": "faults", "set": ["html"]}, {"action": "faults", "set": {"kind": "html"}},
    {"action": "replay", "entries": [{}]}, {"action": "replay", "entries": "all"},
    {"action": "replay", "entries": [{"event": "call", "method": "x", "number": 1, "faults": 5}]},
    {"action": "reset", "seed": -1}, {"action": "reset", "seed": "7"},
    {"action": "settings", "unknown": 1}, {"action": "settings", "listing_delay": None},
    {"action": "settings", "listing_delay": -1}, {"action": "settings", "fee_on_top": 1},
    {"action": "access", "forbidden": None}, {"action": "access", "key_required": "no"},
    {"action": "access", "keys": 5}, {"action": "access", "keys": "abc"},
    {"action": "end", "withdrawId": "unknown", "status": "failed"}, {"action": "complete", "id": "unknown"},
    {"action": "restate", "date": "2026-01-01", "factor": "1"}, {"action": "restate", "date": "x", "factor": "1"},
    {"action": "restate", "date": "2025-12-31", "factor": "-1"},
    {"action": "restate", "date": "2025-12-31", "coin": "LTC", "total": 1},
    {"action": "restate", "date": "2025-12-31", "coin": "LTC", "total": "1", "factor": "1"},
    {"action": "withdraw-outside", "coin": "LTC", "amount": "NaN"},
    {"action": "withdraw-outside", "coin": "BTC", "amount": "1"},
    {"action": "coin-balance", "coin": "LTC", "amount": "1e5"}, {"action": "expire", "address": ELSEWHERE},
]  # fmt: skip


@pytest.mark.parametrize("request_body", BAD)
def test_a_request_that_makes_no_sense_is_refused_and_nothing_happens(
    served_pool: Served, request_body: object
) -> None:
    before = served_pool.books(), served_pool.trace()
    response = steer(served_pool, request_body)
    assert response.status_code == 400
    assert response.json()["ok"] is False
    assert response.json()["error"]
    assert (served_pool.books(), served_pool.trace()) == before


BAD_FOR_MBLOCK: list[dict[str, Any]] = [
    {"action": "expire", "address": ELSEWHERE},
    {"action": "expire", "address": "x"},
    {"action": "token-balance", "address": ELSEWHERE, "contract": ELSEWHERE, "amount": "1"},
    {"action": "token-balance", "address": ELSEWHERE, "amount": 1},
    {"action": "transfer-outside", "from": PAYOUT_WALLETS[0].address, "to": ELSEWHERE, "amount": "10000000"},
    {"action": "callback", "token": "unknown"},
    {"action": "callback", "token": "unknown", "url": "http://127.0.0.1:9/", "changes": []},
    {"action": "settings", "receipt_delay": "1"},
]


@pytest.mark.parametrize("request_body", BAD_FOR_MBLOCK)
def test_a_request_that_makes_no_sense_to_mblock_is_refused(
    served_service: Served, request_body: dict[str, Any]
) -> None:
    before = served_service.books(), served_service.trace()
    assert steer(served_service, request_body).status_code == 400
    assert (served_service.books(), served_service.trace()) == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"action": NaN}', b"[" * 100_000, b'{"seconds": 1e999999999999}']
)
def test_a_body_that_is_no_json_is_refused(served_pool: Served, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = requests.post(f"{served_pool.root}/_control", data=body, headers=headers, timeout=5)
    assert response.status_code == 400


def test_each_remote_has_its_own_actions(served_pool: Served, served_service: Served) -> None:
    of_pool = requests.get(f"{served_pool.root}/_faults", timeout=5).json()["actions"]
    of_service = requests.get(f"{served_service.root}/_faults", timeout=5).json()["actions"]
    assert set(of_pool) | set(of_service) == set(ACTIONS)
    assert "end" not in of_service
    assert "expire" not in of_pool


# Who may not steer


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_of_another_site_cannot_steer(served_pool: Served, content_type: str) -> None:
    before = served_pool.books()
    response = steer(served_pool, {"action": "days"}, **{"Content-Type": content_type})
    assert response.status_code == 403
    assert served_pool.books() == before


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
def test_a_script_of_another_site_cannot_steer(served_pool: Served, origin: str) -> None:
    before = served_pool.books()
    assert steer(served_pool, {"action": "days"}, Origin=origin).status_code == 403
    assert served_pool.books() == before


def test_the_own_page_can_steer(served_pool: Served) -> None:
    assert steer(served_pool, {"action": "days"}, Origin=served_pool.root).status_code == 200


@pytest.mark.parametrize("path", ["/_control", "/_books", "/", "/v1"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "", "[::1"])
def test_a_name_pointed_at_this_machine_gets_nothing(served_pool: Served, host: str, path: str) -> None:
    method = "POST" if path in ("/_control", "/v1") else "GET"
    connection = http.client.HTTPConnection("127.0.0.1", served_pool.server.port, timeout=5)
    try:
        headers = {"Host": host, "Content-Type": "application/json", "X-HASHDAM-Key": "k"}
        connection.request(method, path, json.dumps({"action": "days", "method": "projectInfo"}), headers)
        assert connection.getresponse().status == 403
    finally:
        connection.close()
    assert served_pool.trace()["entries"] == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8101", "LOCALHOST:1", "127.9.9.9"])
def test_every_name_of_this_machine_is_served(served_pool: Served, host: str) -> None:
    response = requests.get(f"{served_pool.root}/_books", headers={"Host": host}, timeout=5)
    assert response.status_code == 200
