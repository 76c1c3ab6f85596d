"""The page at the root, and HTTP itself."""

import re
import socket
from html.parser import HTMLParser

import pytest
import requests

from aeghash.sandbox.mblock import PAYOUT_WALLETS, USDT
from tests.sandbox.contract_client import HashDamClient, MBlockClient
from tests.sandbox.served import Served, StoppedClock

PLANTED = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"


class Tags(HTMLParser):
    """Collects what tags and attributes a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page_of(served: Served) -> str:
    response = requests.get(f"{served.root}/", timeout=5)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.text


def test_the_page_shows_requests_withdrawals_balances_and_faults(served_pool: Served) -> None:
    served_pool.fault("id-empty", method="assetWithdrawHistory")
    with HashDamClient(served_pool.url) as client:
        told = client.call("assetWithdrawRequest", coin="LTC", amount="12.345")
    page = page_of(served_pool)
    for text in (told["withdrawId"], "12.345", "assetWithdrawRequest #1", "id-empty", "2026-01-01 12:00:00"):
        assert text in page
    for section in ("requests", "withdrawals", "balances", "faults", "charges", "swaps", "days"):
        assert f'<section id="{section}">' in page


def test_the_page_of_mblock_shows_transfers_transits_and_callbacks(served_service: Served) -> None:
    with MBlockClient(served_service.url) as client:
        txid = client.call(
            "transferByWalletKey", walletKey=PAYOUT_WALLETS[0].key, contract=USDT, to="0x" + "e" * 40, amount="1"
        )["txid"]
    page = page_of(served_service)
    assert txid in page
    for section in ("wallets", "balances", "transfers", "transits", "callbacks"):
        assert f'<section id="{section}">' in page


@pytest.mark.parametrize("action", ["days", "fault", "faults", "reset", "end"])
def test_the_page_has_a_form_for_what_one_does_most(served_pool: Served, action: str) -> None:
    forms = [attributes for tag, attributes in Tags(page_of(served_pool)).tags if tag == "form"]
    assert action in [form["data-action"] for form in forms]


def test_the_page_offers_only_faults_that_can_strike_here(served_pool: Served, served_service: Served) -> None:
    assert "<option>callback-never</option>" not in page_of(served_pool)
    assert "<option>callback-never</option>" in page_of(served_service)
    assert "<option>history-lags</option>" not in page_of(served_service)


def test_what_comes_from_outside_is_escaped(served_pool: Served) -> None:
    plain = Tags(page_of(served_pool)).tags
    with HashDamClient(served_pool.url) as client:
        client.post("hashCreditCharge", amount="1", **{"from": PLANTED})
        client.post(PLANTED)
        client.post("assetWithdrawRequest", coin=PLANTED)
    served_pool.fault("refusal", message=PLANTED)
    page = page_of(served_pool)
    assert PLANTED not in page
    assert "&lt;script&gt;" in page
    assert {tag for tag, _ in Tags(page).tags} == {tag for tag, _ in plain} | {"td", "tr", "table"}
    assert all(not name.startswith("on") for _, attributes in Tags(page).tags for name in attributes)


def test_the_page_has_no_inline_script_or_style_and_a_strict_policy(served_pool: Served) -> None:
    response = requests.get(f"{served_pool.root}/", timeout=5)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert not re.search(r"<style|<script(?![^>]*src=)| style=", response.text)


def test_the_page_brings_its_own_style_and_script(served_pool: Served) -> None:
    needed = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page_of(served_pool))
    types = {requests.get(served_pool.root + path, timeout=5).headers["Content-Type"] for path in needed}
    assert types == {"image/svg+xml", "text/css; charset=utf-8", "text/javascript; charset=utf-8"}


def test_a_long_history_shows_its_newest_fifty(served_pool: Served) -> None:
    with HashDamClient(served_pool.url) as client:
        ids = [client.call("assetWithdrawRequest", coin="PEP", amount="1")["withdrawId"] for _ in range(60)]
    table = page_of(served_pool).split('<section id="withdrawals">')[1].split("</section>")[0]
    shown = re.findall(r"<td>([0-9a-f]{24})</td>", table)
    assert shown == ids[:9:-1]
    assert "50 of 60" in table


# HTTP


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1", 405),
        ("PUT", "/v1", 405),
        ("POST", "/_books", 405),
        ("GET", "/_control", 405),
        ("GET", "/_trace?after=x", 400),
        ("GET", "/assets/../server.py", 404),
    ],
)
def test_other_paths_and_methods_are_refused(served_pool: Served, method: str, path: str, status: int) -> None:
    assert requests.request(method, served_pool.root + path, timeout=5).status_code == status


def exchange(served: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GET http://[::1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"404"),
    ],
)
def test_a_request_that_is_no_http_gets_a_status(served_pool: Served, request_bytes: bytes, status: bytes) -> None:
    assert exchange(served_pool, request_bytes).startswith(b"HTTP/1.1 " + status)


def test_a_request_cut_short_gets_nothing_and_does_nothing(served_pool: Served) -> None:
    head = b"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    assert exchange(served_pool, head + b'{"method"') == b""
    assert served_pool.trace()["entries"] == []


def test_two_requests_sent_at_once_are_answered_in_turn(served_pool: Served) -> None:
    one = b"GET /_faults HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert exchange(served_pool, one + one).count(b"HTTP/1.1 200 OK") == 2


def test_an_old_client_gets_its_connection_closed(served_pool: Served) -> None:
    answer = exchange(served_pool, b"GET /_faults HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert b"Connection: close" in answer


def test_a_call_of_another_type_than_json_is_no_call(served_pool: Served) -> None:
    headers = {"Content-Type": "text/plain", "X-HASHDAM-Key": "k"}
    body = '{"method":"assetWithdrawRequest","coin":"LTC","amount":"1"}'
    answer = requests.post(served_pool.url, data=body, headers=headers, timeout=5).json()
    assert answer == {"code": 1, "message": "Unknown Method"}
    assert served_pool.books()["withdrawals"] == []


def test_time_goes_on_without_any_call(served_pool: Served, clock: StoppedClock) -> None:
    clock.turn(86_400)
    assert "2026-01-02 12:00:00" in page_of(served_pool)
