"""Failures in which no byte of the request has left: the remote can't have acted, and the call may be made again."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from aeghash.core import egress
from aeghash.core.egress import Call, NotSent, Reason, sockets, transport
from aeghash.core.strict_json import JsonValue

from .conftest import Serve
from .servers import Peer, answer, replying

WAYS_OUT = (egress.post_once, egress.read, lambda call: egress.notify(call, public_only=False))


def call_to(url: str, **changes: Any) -> Call:
    values: dict[str, Any] = {"purpose": "test", "url": url, "json": {"method": "projectInfo"}, "deadline": 2.0}
    return Call(**values | changes)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def not_sent(call: Call) -> NotSent:
    with pytest.raises(NotSent) as caught:
        egress.post_once(call)
    assert caught.value.sent is False
    return caught.value


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_a_refused_connection_is_not_sent(way_out: Any) -> None:
    with pytest.raises(NotSent) as caught:
        way_out(call_to(f"http://127.0.0.1:{unused_port()}/v1"))
    assert caught.value.reason is Reason.REFUSED
    assert str(caught.value) == "not sent: refused"


def test_a_name_that_does_not_resolve_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert not_sent(call_to("http://pool.example/v1")).reason is Reason.DNS


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example"])
def test_a_name_that_cannot_be_looked_up_is_not_sent(host: str) -> None:
    assert not_sent(call_to(f"http://{host}/v1")).reason is Reason.DNS


def test_a_self_signed_certificate_is_not_sent(serve: Serve, certificate: str) -> None:
    server = serve(replying(answer()), certificate=certificate)
    failure = not_sent(call_to(server.url))
    assert failure.reason is Reason.TLS
    assert "self-signed" in failure.detail
    assert server.requests == []


def test_a_certificate_for_another_name_is_not_sent(
    serve: Serve, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(replying(answer()), certificate=certificate)
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_a, **_k: [(socket.AF_INET, 0, 0, "", ("127.0.0.1", server.port))]
    )
    failure = not_sent(call_to(f"https://pool.example:{server.port}/v1", ca_file=certificate))
    assert failure.reason is Reason.TLS
    assert server.requests == []


def test_a_plain_text_answer_to_the_tls_hello_is_not_sent(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.connection.recv(65536)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = serve(script)
    assert not_sent(call_to(server.url.replace("http:", "https:"))).reason is Reason.TLS


@pytest.mark.parametrize("ending", ["reset", "close"])
def test_a_connection_that_ends_in_the_tls_handshake_is_not_sent(serve: Serve, ending: str) -> None:
    def script(peer: Peer) -> None:
        peer.connection.recv(65536)
        if ending == "reset":
            peer.reset()

    server = serve(script)
    assert not_sent(call_to(server.url.replace("http:", "https:"))).reason is Reason.TLS


def test_a_reset_before_the_tls_handshake_is_not_sent(serve: Serve) -> None:
    """It may come before the handshake has begun, where the standard library goes on without TLS."""
    url = serve(Peer.reset).url.replace("http:", "https:")
    assert {not_sent(call_to(url)).reason for _ in range(30)} <= {Reason.UNREACHABLE, Reason.TLS}


class LaxContext(ssl.SSLContext):
    def wrap_socket(self, sock: socket.socket, **options: Any) -> Any:  # type: ignore[override]
        return super().wrap_socket(sock, **options, do_handshake_on_connect=False)


def test_nothing_goes_on_without_a_handshake(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    context = LaxContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = sockets.GuardedTLSSocket
    monkeypatch.setattr(transport, "tls_context", lambda _file: context)
    server = serve(replying(answer()))
    failure = not_sent(call_to(server.url.replace("http:", "https:")))
    assert (failure.reason, failure.detail) == (Reason.TLS, "no handshake")
    assert server.requests == []


def test_a_missing_file_of_authorities_is_not_sent(serve: Serve, certificate: str) -> None:
    server = serve(replying(answer()), certificate=certificate)
    assert not_sent(call_to(server.url, ca_file="/nonexistent.pem")).reason is Reason.INTERNAL


@pytest.fixture
def full_port() -> Iterator[int]:
    """A listener that accepts nobody, and whose queue is full: the next connection attempt gets no answer."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()[1]


def test_a_connection_that_is_not_answered_is_not_sent(full_port: int) -> None:
    assert not_sent(call_to(f"http://127.0.0.1:{full_port}/v1", deadline=0.5)).reason is Reason.CONNECT_TIMEOUT


def test_a_dead_address_leaves_time_for_the_next_one(
    full_port: int, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(replying(answer()))
    rows = [(socket.AF_INET, 0, 0, "", ("127.0.0.1", port)) for port in (full_port, server.port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: rows)
    assert egress.post_once(call_to("http://pool.example/v1", deadline=1.0)).status == 200
    assert server.connections == 1


def test_a_deadline_over_before_the_first_byte_is_not_sent(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(replying(answer()))
    connect = sockets.connect

    def slowly(*args: Any) -> Any:
        sock = connect(*args)
        time.sleep(0.3)
        return sock

    monkeypatch.setattr(transport, "connect", slowly)
    assert not_sent(call_to(server.url, deadline=0.2)).reason is Reason.TIMEOUT
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://pool.example/v1", Reason.INVALID_URL),
        ("file:///etc/passwd", Reason.INVALID_URL),
        ("http://user:password@pool.example/v1", Reason.INVALID_URL),
        ("http://user@pool.example/v1", Reason.INVALID_URL),
        ("http://pool.example:0/v1", Reason.INVALID_URL),
        ("http://pool.example:65536/v1", Reason.INVALID_URL),
        ("http://pool.example\\@other.example/", Reason.INVALID_URL),
        ("http://pool.example/#x", Reason.INVALID_URL),
        ("http://pool.example/ HTTP/1.1\r\nX: y", Reason.INVALID_URL),
        ("http://pööl.example/", Reason.INVALID_URL),
        ("http:///v1", Reason.INVALID_URL),
        ("", Reason.INVALID_URL),
    ],
)
def test_urls_that_are_not_plainly_one_host_are_not_sent(url: str, reason: Reason) -> None:
    assert not_sent(call_to(url)).reason is reason


@pytest.mark.parametrize(
    "headers",
    [{"X-Key": "a\r\nX-Other: b"}, {"X-Key": " a"}, {"X-Key": "ключ"}, {"X Key": "a"}, {"": "a"}, {"X-Key": ""}]
    + [{name: "x"} for name in ("Host", "content-length", "Transfer-Encoding", "Connection", "Accept-Encoding")],
)
def test_headers_that_would_change_the_request_are_not_sent(serve: Serve, headers: dict[str, str]) -> None:
    server = serve(replying(answer()))
    assert not_sent(call_to(server.url, headers=headers)).reason is Reason.INVALID_HEADERS
    assert server.connections == 0


@pytest.mark.parametrize("body", [{"amount": 0.1}, {"amount": Decimal("NaN")}, {"a": "\ud800"}, {1: 2}, object()])
def test_a_body_without_a_form_in_json_is_not_sent(serve: Serve, body: JsonValue) -> None:
    server = serve(replying(answer()))
    assert not_sent(call_to(server.url, json=body)).reason is Reason.INVALID_BODY
    assert server.connections == 0


@pytest.mark.parametrize("changes", [{"deadline": 0}, {"deadline": -1.0}, {"body_cap": 0}])
def test_a_call_without_time_or_room_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        call_to("http://pool.example/v1", **changes)
