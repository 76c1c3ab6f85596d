"""Whose connection a call uses, and that nothing but the call itself decides where it goes."""

import gc
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from aeghash.core import egress
from aeghash.core.egress import Call, NotSent, Reason, transport

from .conftest import Serve
from .servers import Peer, answer, chunked, replying

ROOT = Path(__file__).parents[3]


def call_to(url: str, **headers: str) -> Call:
    return Call(purpose="test", url=url, json={"method": "projectInfo"}, headers=headers, deadline=3.0)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", ';CHARSET="UTF-8"'])
def test_an_answer(serve: Serve, charset: str) -> None:
    body = '{"code": 0, "data": {"balance": "0.010387994652", "n": 7, "x": 0.1, "name": "해시"}}'.encode()
    headers = "X-Request-Id: r-1\r\nSet-Cookie: a=b\r\n"
    server = serve(replying(answer(body, content_type="application/json" + charset, headers=headers)))
    result = egress.post_once(call_to(server.url))
    assert (result.status, result.body) == (200, body)
    assert result.json == {
        "code": 0,
        "data": {"balance": "0.010387994652", "n": 7, "x": Decimal("0.1"), "name": "해시"},
    }
    assert result.headers["x-request-id"] == "r-1"
    assert "set-cookie" not in result.headers
    assert 0 < result.elapsed < 30


@pytest.mark.parametrize("data", [chunked(b'{"code"', b": 0}"), chunked(b'{"code": 0}', headers="X: y\r\n")])
def test_an_answer_in_chunks(serve: Serve, data: bytes) -> None:
    assert egress.post_once(call_to(serve(replying(data)).url)).json == {"code": 0}


def test_an_answer_of_exactly_the_cap(serve: Serve) -> None:
    body = b'"' + b"x" * 65534 + b'"'
    assert egress.read(call_to(serve(replying(answer(body))).url)).body == body


def test_what_is_sent(serve: Serve) -> None:
    server = serve(replying(answer()))
    call = Call(
        purpose="test",
        url=server.url + "/bsc?x=1",
        json={"method": "transitConfig", "fee": Decimal("0.00050"), "name": "해시", "n": None},
        headers={"X-MBLOCK-Key": "key"},
    )
    egress.post_once(call)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    assert first == "POST /v1/bsc?x=1 HTTP/1.1"
    assert sorted(rest) == [
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Connection: close",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: aeghash",
        "X-MBLOCK-Key: key",
    ]
    assert body.decode() == '{"method":"transitConfig","fee":0.00050,"name":"해시","n":null}'


def test_money_calls_never_share_a_connection(serve: Serve) -> None:
    server = serve(replying(answer(headers="Connection: keep-alive\r\n")))
    for _ in range(3):
        egress.post_once(call_to(server.url))
    assert server.connections == 3


@pytest.mark.parametrize("secured", [False, True])
def test_a_money_call_closes_its_connection_when_it_is_over(serve: Serve, certificate: str, secured: bool) -> None:
    closed = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer(headers="Connection: keep-alive\r\n"))
        if peer.connection.recv(1) == b"":
            closed.set()

    server = serve(script, certificate=certificate if secured else None)
    gc.disable()
    try:
        egress.post_once(Call(purpose="test", url=server.url, json={}, ca_file=certificate))
        assert closed.wait(1)
    finally:
        gc.enable()


@pytest.mark.parametrize("secured", [False, True])
def test_reading_calls_share_a_connection(serve: Serve, certificate: str, secured: bool) -> None:
    server = serve(replying(answer()), certificate=certificate if secured else None)
    for _ in range(3):
        egress.read(Call(purpose="test", url=server.url, json={}, ca_file=certificate))
    assert (server.connections, len(server.requests)) == (1, 3)


def test_each_call_on_a_shared_connection_has_its_own_deadline_and_account(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer())
        peer.read_request()
        time.sleep(0.4)
        peer.send(answer())
        peer.read_request()
        peer.linger()

    server = serve(script)
    short = Call(purpose="test", url=server.url, json={}, deadline=0.3)
    egress.read(short)
    egress.read(call_to(server.url))
    with pytest.raises(egress.Sent) as caught:
        egress.read(short)
    assert caught.value.reason is Reason.TIMEOUT
    assert server.connections == 1


def test_a_kept_connection_that_the_remote_has_closed_is_replaced(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer())

    server = serve(script)
    for _ in range(3):
        egress.read(call_to(server.url))
        time.sleep(0.05)
    assert server.connections == 3


def test_a_kept_connection_that_has_long_been_idle_is_replaced(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(replying(answer()))
    egress.read(call_to(server.url))
    monkeypatch.setattr(transport, "MAX_IDLE_SECONDS", 0.0)
    egress.read(call_to(server.url))
    assert server.connections == 2


def test_a_kept_connection_with_unasked_bytes_on_it_is_replaced(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(answer())
            time.sleep(0.05)
            peer.send(answer(b'{"code": 1}'))

    server = serve(script)
    egress.read(call_to(server.url))
    time.sleep(0.1)
    assert egress.read(call_to(server.url)).json != {"code": 1}
    assert server.connections == 2


def test_a_kept_connection_with_unasked_bytes_inside_tls_is_replaced(serve: Serve, certificate: str) -> None:
    """Decrypted bytes that nobody has read yet: the system's own look at the socket doesn't see them."""

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(answer() + answer(b'"not asked for"') + b" " * 12_000)

    server = serve(script, certificate=certificate)
    for _ in range(2):
        egress.read(Call(purpose="test", url=server.url, json={}, ca_file=certificate))
    assert server.connections == 2


def test_an_answer_that_follows_an_early_hint_is_not_taken_for_the_next_calls(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        peer.read_request()
        peer.send(answer(b'"for the first call"') + answer())

    server = serve(script)
    with pytest.raises(egress.Sent) as caught:
        egress.read(call_to(server.url))
    assert caught.value.status == 103
    with pytest.raises(egress.Sent):
        egress.read(call_to(server.url))
    assert server.connections == 2


def test_a_failed_reading_call_leaves_no_connection_behind(serve: Serve) -> None:
    server = serve(replying(answer(b"x" * 70_000)))
    for _ in range(2):
        with pytest.raises(egress.Sent):
            egress.read(call_to(server.url))
    assert server.connections == 2


def test_a_kept_connection_that_dies_during_a_call_is_not_tried_again(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(answer())
        peer.read_request()
        peer.reset()

    server = serve(script)
    egress.read(call_to(server.url))
    with pytest.raises(egress.Sent) as caught:
        egress.read(call_to(server.url))
    assert caught.value.reason is Reason.RESET
    assert (server.connections, len(server.requests)) == (1, 2)


def test_cookies_are_not_kept(serve: Serve) -> None:
    server = serve(replying(answer(headers="Set-Cookie: session=1; Path=/\r\n")))
    for _ in range(2):
        egress.read(call_to(server.url))
    assert b"session" not in server.requests[1]


def test_the_environment_has_no_say(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proxy, server = serve(replying(answer(b'{"proxy": true}'))), serve(replying(answer()))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    egress.post_once(call_to(server.url))
    egress.read(call_to(server.url))
    egress.notify(call_to(server.url), public_only=False)
    assert proxy.connections == 0
    assert len(server.requests) == 3
    assert not any(b"authorization" in request.lower() for request in server.requests)


def test_the_environment_cannot_change_whom_tls_trusts(
    serve: Serve, certificate: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, certificate)
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    server = serve(replying(answer()), certificate=certificate)
    with pytest.raises(NotSent):
        egress.post_once(call_to(server.url))
    assert egress.post_once(Call(purpose="test", url=server.url, json={}, ca_file=certificate)).status == 200
    assert not keys.exists()


def test_a_name_goes_into_tls_and_host_but_is_looked_up_once(
    serve: Serve, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(replying(answer()), certificate=certificate)
    looked_up: list[str] = []

    def once(host: str, *_args: object, **_kwargs: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(socket.AF_INET, 0, 0, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    egress.post_once(Call(purpose="test", url=f"https://localhost:{server.port}/v1", json={}, ca_file=certificate))
    assert looked_up == ["localhost"]
    assert f"Host: localhost:{server.port}".encode() in server.requests[0]


def test_calls_in_parallel_keep_to_their_own_accounts(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        while request := peer.read_request():
            if b"slow" in request:
                peer.linger()
            peer.send(answer(request.partition(b"\r\n\r\n")[2]))

    server = serve(script)
    barrier = threading.Barrier(8)

    def one(index: int) -> object:
        barrier.wait()
        slow = index % 2
        call = Call(purpose="test", url=server.url, json=["slow" if slow else "fast", index], deadline=0.5)
        try:
            return egress.read(call).json
        except egress.Sent as failure:
            return failure.reason

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(8)))
    assert results == [Reason.TIMEOUT if index % 2 else ["fast", index] for index in range(8)]


FORKING = """
import os, sys
from aeghash.core import egress
call = egress.Call(purpose="test", url=sys.argv[1], json={})
egress.read(call)
child = os.fork()
egress.read(call)
if not child:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_does_not_share_its_parents_connection(serve: Serve) -> None:
    server = serve(replying(answer()))
    subprocess.run([sys.executable, "-c", FORKING, server.url], cwd=ROOT, check=True, timeout=20)
    assert (server.connections, len(server.requests)) == (2, 3)
