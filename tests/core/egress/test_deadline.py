"""One deadline for everything together, kept within a tenth, wherever the remote dawdles."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from aeghash.core import egress
from aeghash.core.egress import Call, EgressFailure, NotSent, Reason, Sent, addresses

from .conftest import Serve
from .servers import GOOD_BODY, Peer, Script, answer, chunked

DEADLINE = 1.0
INTERVAL = 0.23  # never a divisor of the deadline, so that no byte arrives just in time


def timed(call: Call, kind: type[EgressFailure], way_out: Any = egress.post_once) -> EgressFailure:
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        way_out(call)
    elapsed = time.monotonic() - started
    assert call.deadline * 0.9 <= elapsed <= call.deadline * 1.1
    return caught.value


def dawdling(prompt: bytes, slow: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(prompt)
        peer.trickle(slow, INTERVAL)

    return script


HEAD, _, _ = answer().partition(b"\r\n\r\n")
DAWDLERS = {
    "status line": dawdling(b"", answer()),
    "headers": dawdling(b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"y" * 100),
    "continues": dawdling(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
    "body": dawdling(HEAD + b"\r\n\r\n", GOOD_BODY),
    "body without a length": dawdling(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", GOOD_BODY),
    "chunks": dawdling(b"", chunked(*[b"x"] * 50)),
    "body of an error": dawdling(b"HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n", b"x" * 100),
}


def test_a_byte_now_and_then_does_not_move_the_deadline(serve: Serve) -> None:
    def reason(script: Script) -> Reason:
        call = Call(purpose="test", url=serve(script).url, json={}, deadline=DEADLINE)
        return timed(call, Sent).reason

    with ThreadPoolExecutor(len(DAWDLERS)) as pool:
        reasons = dict(zip(DAWDLERS, pool.map(reason, DAWDLERS.values()), strict=True))
    assert reasons.pop("body of an error") is Reason.HTTP_STATUS
    assert set(reasons.values()) == {Reason.TIMEOUT}


def test_one_byte_a_second(serve: Serve) -> None:
    server = serve(lambda peer: peer.trickle(answer(), 1.0) if peer.read_request() else None)
    call = Call(purpose="test", url=server.url, json={}, deadline=2.5)
    assert timed(call, Sent, egress.read).reason is Reason.TIMEOUT


def test_without_the_guard_the_library_overruns(serve: Serve) -> None:
    """The negative control: the same remote keeps a plain call for over twice its time-out."""
    server = serve(dawdling(HEAD.replace(b"42", b"10") + b"\r\n\r\n", b"x" * 10))
    started = time.monotonic()
    requests.post(server.url, json={}, timeout=DEADLINE, proxies={"http": ""})
    assert time.monotonic() - started > 2 * DEADLINE


def test_a_remote_that_accepts_and_never_reads(serve: Serve) -> None:
    server = serve(Peer.linger, receive_buffer=4096)
    call = Call(purpose="test", url=server.url, json="x" * 20_000_000, deadline=DEADLINE)
    assert timed(call, Sent).reason is Reason.TIMEOUT


def test_a_remote_that_reads_a_little_now_and_then(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        while not peer.server.stopping.wait(INTERVAL):
            peer.connection.recv(65536)

    server = serve(script, receive_buffer=4096)
    call = Call(purpose="test", url=server.url, json="x" * 20_000_000, deadline=DEADLINE)
    assert timed(call, Sent).reason is Reason.TIMEOUT


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x03\x40\x00" + b"\x02" * 100], ids=["silent", "a byte now and then"])
def test_a_tls_handshake_that_dawdles_is_not_sent(serve: Serve, hello: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.trickle(hello, INTERVAL)
        peer.linger()

    server = serve(script)
    call = Call(purpose="test", url=server.url.replace("http:", "https:"), json={}, deadline=DEADLINE)
    assert timed(call, NotSent).reason is Reason.TLS_TIMEOUT


def test_a_body_over_tls_that_dawdles(serve: Serve, certificate: str) -> None:
    server = serve(DAWDLERS["body"], certificate=certificate)
    call = Call(purpose="test", url=server.url, json={}, deadline=DEADLINE, ca_file=certificate)
    assert timed(call, Sent).reason is Reason.TIMEOUT


@pytest.fixture
def hanging_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    over = threading.Event()

    def hang(*_args: object, **_kwargs: object) -> None:
        over.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(addresses, "_lookups", threading.BoundedSemaphore(2))
    yield
    over.set()


@pytest.mark.usefixtures("hanging_resolver")
def test_a_look_up_that_hangs_is_not_sent() -> None:
    call = Call(purpose="test", url="http://pool.example/v1", json={}, deadline=DEADLINE)
    assert timed(call, NotSent).reason is Reason.DNS_TIMEOUT


@pytest.mark.usefixtures("hanging_resolver")
def test_look_ups_that_hang_do_not_pile_up_without_limit() -> None:
    before = threading.active_count()
    for detail in ("", "", "too many look-ups are hanging", "too many look-ups are hanging"):
        call = Call(purpose="test", url="http://pool.example/v1", json={}, deadline=0.3)
        assert timed(call, NotSent).detail == detail
    assert threading.active_count() <= before + 2
