"""Webhooks: somebody else chooses the target, so it must not lead into our own network."""

import socket
from typing import Any

import pytest

from aeghash.core import egress
from aeghash.core.egress import Call, NotSent, Reason, Sent
from aeghash.core.egress.addresses import is_public
from aeghash.core.egress.sockets import GuardedSocket

from .conftest import Serve
from .servers import Peer, answer, replying, replying_once


def call_to(url: str) -> Call:
    return Call(purpose="alert", url=url, json={"text": "Withdrawal 7 is unknown"}, deadline=2.0)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_any_2xx_is_a_receipt_whatever_the_body(serve: Serve, status: str, content_type: str) -> None:
    server = serve(replying_once(answer(b"ok", status=status, content_type=content_type)))
    receipt = egress.notify(call_to(server.url), public_only=False)
    assert receipt.status == int(status[:3])
    assert server.requests[0].endswith(b'{"text":"Withdrawal 7 is unknown"}')


@pytest.mark.parametrize(
    ("status", "reason"),
    [("302 Found", Reason.REDIRECT), ("404 Gone", Reason.HTTP_STATUS), ("500 Oops", Reason.HTTP_STATUS)],
)
def test_any_other_status_is_a_failure(serve: Serve, status: str, reason: Reason) -> None:
    server = serve(replying(answer(status=status, headers="Location: http://127.0.0.1:1/\r\n")))
    with pytest.raises(Sent) as caught:
        egress.notify(call_to(server.url), public_only=False)
    assert caught.value.reason is reason
    assert server.connections == 1


def test_a_target_that_never_ends_its_body_does_not_hold_us_up(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        peer.trickle(b"x" * 1000, 0.2)

    assert egress.notify(call_to(serve(script).url), public_only=False).elapsed < 10  # of 200 s


NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0", "[::ffff:127.0.0.1]"],
)
def test_no_way_of_writing_loopback_gets_through(serve: Serve, certificate: str, host: str) -> None:
    server = serve(replying(answer()), certificate=certificate)
    with pytest.raises(NotSent) as caught:
        egress.notify(call_to(f"https://{host}:{server.port}/hook"), public_only=True)
    assert caught.value.reason in {Reason.ADDRESS_REFUSED, Reason.DNS}
    assert server.connections == 0


def answers_of_the_resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    remaining = list(answers)

    def look_up(_host: str, port: int, **_kwargs: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, 0, 0, "", (address, port)) for address in remaining.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_one_private_address_among_public_ones_is_refused(
    serve: Serve, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(replying(answer()), certificate=certificate)
    answers_of_the_resolver(monkeypatch, ["8.8.8.8"] * 5 + ["127.0.0.1"])
    with pytest.raises(NotSent) as caught:
        egress.notify(call_to(f"https://hooks.example:{server.port}/"), public_only=True)
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert server.connections == 0


def test_a_name_that_changes_its_address_after_the_check_is_not_followed(
    serve: Serve, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked is what is connected to: there is no second look-up that could lead elsewhere."""
    server = serve(replying(answer()), certificate=certificate)
    answers_of_the_resolver(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected_to: list[Any] = []

    def connect(_sock: socket.socket, address: Any) -> None:
        connected_to.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(GuardedSocket, "connect", connect)
    with pytest.raises(NotSent):
        egress.notify(call_to(f"https://hooks.example:{server.port}/"), public_only=True)
    assert connected_to == [("8.8.8.8", server.port)]


def test_public_targets_must_be_https() -> None:
    with pytest.raises(NotSent) as caught:
        egress.notify(call_to("http://hooks.example/"), public_only=True)
    assert (caught.value.reason, caught.value.detail) == (Reason.INVALID_URL, "https is required")


def test_private_targets_pass_where_they_are_allowed(serve: Serve) -> None:
    server = serve(replying(answer()))
    assert egress.notify(call_to(server.url.replace("127.0.0.1", "localhost")), public_only=False).status == 200
