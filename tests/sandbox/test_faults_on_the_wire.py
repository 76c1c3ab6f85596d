"""Faults as a real client meets them, and what the books say meanwhile."""

import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.contract_client import HashDamClient, OffContract, refused
from tests.sandbox.served import Served, StoppedClock

REQUEST = {"coin": "LTC", "amount": "1"}


@pytest.fixture
def client(served_pool: Served) -> Iterator[HashDamClient]:
    with HashDamClient(served_pool.url, timeout=0.3) as client:
        yield client


def withdrawals(served: Served) -> int:
    return len(served.books()["withdrawals"])


def raw_exchange(served: Served, wait: float = 2) -> bytes:
    """Return all bytes of the answer to a withdraw request, up to the end or the reset."""
    parts = urlsplit(served.url)
    body = json.dumps({"method": "assetWithdrawRequest", **REQUEST}).encode()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"X-HASHDAM-Key: k\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=wait) as connection:
        connection.sendall(head.encode() + body)
        while part := connection.recv(65536):
            received += part
    return received


def test_latency_delays_an_answer_that_is_otherwise_right(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("latency", seconds=0.1)
    started = time.monotonic()
    client.call("assetWithdrawRequest", **REQUEST)
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(("executes", "expected"), [(True, 1), (False, 0)])
def test_a_timeout_comes_after_or_before_executing(
    served_pool: Served, client: HashDamClient, executes: bool, expected: int
) -> None:
    served_pool.fault("timeout", executes=executes)
    with pytest.raises(requests.ReadTimeout):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == expected


@pytest.mark.parametrize(("executes", "expected"), [(True, 1), (False, 0)])
def test_a_reset_breaks_the_connection(
    served_pool: Served, client: HashDamClient, executes: bool, expected: int
) -> None:
    served_pool.fault("reset", executes=executes)
    with pytest.raises(requests.ConnectionError):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == expected


@pytest.mark.parametrize("count", [0, 1, 17, 100])
def test_a_reset_comes_after_exactly_so_many_bytes(served_pool: Served, count: int) -> None:
    served_pool.fault("reset", bytes=count)
    parts = urlsplit(served_pool.url)
    body = json.dumps({"method": "assetWithdrawRequest", **REQUEST}).encode()
    head = f"POST /v1 HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=2) as connection:
        connection.sendall(head.encode() + b"X-HASHDAM-Key: k\r\n\r\n" + body)
        with pytest.raises(ConnectionResetError):
            while True:
                part = connection.recv(65536)
                assert part, "the connection ended instead of breaking"
                received += part
    assert len(received) == count
    assert b"HTTP/1.1 200 OK\r\n".startswith(received[:17])


@pytest.mark.parametrize("status", [400, 404, 429, 500, 502, 503])
@pytest.mark.parametrize(("executes", "expected"), [(True, 1), (False, 0)])
def test_an_error_status_comes_after_or_before_executing(
    served_pool: Served, client: HashDamClient, status: int, executes: bool, expected: int
) -> None:
    served_pool.fault("status", status=status, executes=executes)
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert withdrawals(served_pool) == expected


def test_an_error_status_may_carry_the_right_answer(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("status", status=500, with_answer=True)
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert (response.status_code, response.json()["code"]) == (500, 0)


def test_a_redirect_leads_elsewhere(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("redirect", location="http://127.0.0.1:1/x\r\nX-Planted: 1")
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert (response.status_code, response.headers["Location"]) == (302, "http://127.0.0.1:1/xX-Planted: 1")
    assert "X-Planted" not in response.headers


@pytest.mark.parametrize(("executes", "expected"), [(True, 1), (False, 0)])
def test_html_comes_with_status_200(served_pool: Served, client: HashDamClient, executes: bool, expected: int) -> None:
    served_pool.fault("html", executes=executes)
    with pytest.raises(OffContract):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == expected


def test_a_truncated_answer_ends_before_its_announced_length(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("truncated", bytes=20)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.call("assetWithdrawRequest", **REQUEST)
    head, _, body = raw_exchange(served_pool).partition(b"\r\n\r\n")
    assert len(body) == 20
    assert int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]) > 20


def test_a_truncated_answer_may_be_whole_http_and_half_json(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("truncated", declared=True)
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert withdrawals(served_pool) == 1


def test_a_trickle_sends_a_byte_at_a_time(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("trickle", seconds=0.005)
    started = time.monotonic()
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert time.monotonic() - started >= 0.005 * len(response.content)
    assert response.json()["code"] == 0


def test_a_huge_answer_is_valid_and_too_long(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("huge")
    client.timeout = 5
    response = client.post("assetWithdrawRequest", **REQUEST)
    assert len(response.content) == 10**7
    assert response.json()["code"] == 0


def test_a_refusal_by_message_may_be_a_lie(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("refusal", message="No API Permission", times=1)
    with refused("No API Permission"):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == 0
    served_pool.fault("refusal", message="Server is busy", executes=True, times=1)
    with refused("Server is busy"):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == 1


def test_executing_late_shows_nothing_now_and_a_withdrawal_later(
    served_pool: Served, client: HashDamClient, clock: StoppedClock
) -> None:
    served_pool.fault("executes-late", seconds=300, times=1)
    with pytest.raises(requests.ReadTimeout):
        client.call("assetWithdrawRequest", **REQUEST)
    assert withdrawals(served_pool) == 0
    clock.turn(299)
    assert client.call("assetWithdrawHistory")["data"] == []
    clock.turn(1)
    (row,) = client.call("assetWithdrawHistory")["data"]
    assert row["createAt"] == clock.now


def test_executing_late_can_end_in_a_status(served_pool: Served, client: HashDamClient, clock: StoppedClock) -> None:
    served_pool.fault("executes-late", seconds=10)
    served_pool.fault("status", status=504)
    assert client.post("assetWithdrawRequest", **REQUEST).status_code == 504
    assert withdrawals(served_pool) == 0
    clock.turn(10)
    assert withdrawals(served_pool) == 1


def test_executing_twice_names_the_first(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("executes-twice")
    told = client.call("assetWithdrawRequest", **REQUEST)
    first, second = served_pool.books()["withdrawals"]
    assert told["withdrawId"] == first["withdrawId"] != second["withdrawId"]
    assert first["amount"] == second["amount"]


def test_keep_alive_survives_an_answered_fault(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("status", status=503, times=1)
    client.post("assetWithdrawRequest", **REQUEST)
    client.call("projectInfo")
    assert len(client.session.adapters["http://"].poolmanager.pools) == 1  # type: ignore[attr-defined]


def test_a_silent_connection_does_not_hold_others_up(served_pool: Served, client: HashDamClient) -> None:
    served_pool.fault("timeout", method="assetWithdrawRequest")
    with pytest.raises(requests.ReadTimeout):
        client.call("assetWithdrawRequest", **REQUEST)
    client.call("projectInfo")
