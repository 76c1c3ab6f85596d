"""Failures after the socket was asked to send: the remote may have acted, whatever came back."""

import socket
import time
from typing import Any

import pytest

from aeghash.core import egress
from aeghash.core.egress import Call, EgressFailure, Reason, Sent
from aeghash.core.egress.sockets import GuardedSocket

from .conftest import Serve
from .servers import GOOD_BODY, Peer, Script, answer, chunked, replying, replying_once

WAYS_OUT = (egress.post_once, egress.read)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def sent(serve: Serve, script: Script, **changes: Any) -> Sent:
    """The failure of one call; the request went out exactly once, over one connection."""
    server = serve(script)
    values: dict[str, Any] = {
        "purpose": "test",
        "url": server.url,
        "json": {"method": "assetWithdrawRequest"},
        "deadline": 2.0,
    }
    with pytest.raises(Sent) as caught:
        egress.post_once(Call(**values | changes))
    time.sleep(0.02)
    assert server.connections == 1
    assert len(server.requests) <= 1
    return caught.value


def test_a_reset_before_anything_was_read_counts_as_sent(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.connection.recv(1, socket.MSG_PEEK)
        peer.reset()

    assert sent(serve, script).reason is Reason.RESET


def test_a_reset_at_once_counts_by_whether_the_socket_was_asked_to_send(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may arrive before or after the first byte has left: either verdict can be right, and the right one is given."""
    server = serve(Peer.reset)
    asked: list[bytes] = []
    send = GuardedSocket.send

    def noting_send(self: GuardedSocket, data: bytes, flags: int = 0) -> int:
        asked.append(bytes(data))
        return send(self, data, flags)

    monkeypatch.setattr(GuardedSocket, "send", noting_send)
    for _ in range(30):
        asked.clear()
        with pytest.raises(EgressFailure) as caught:
            egress.post_once(Call(purpose="test", url=server.url, json={}))
        assert caught.value.sent is bool(asked)


def test_a_reset_after_the_first_byte_of_the_request(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.connection.recv(1)
        peer.reset()

    assert sent(serve, script).reason is Reason.RESET


def test_a_reset_after_the_whole_request(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.reset()

    assert sent(serve, script).reason is Reason.RESET


def test_a_close_without_an_answer(serve: Serve) -> None:
    assert sent(serve, replying_once(b"")).reason is Reason.RESET


def test_a_reset_in_a_tls_connection_after_the_request(serve: Serve, certificate: str) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.reset()

    server = serve(script, certificate=certificate)
    with pytest.raises(Sent) as caught:
        egress.post_once(Call(purpose="test", url=server.url, json={}, ca_file=certificate))
    assert caught.value.reason in {Reason.RESET, Reason.TLS}
    assert len(server.requests) == server.connections == 1


@pytest.mark.parametrize("part", [b"HTTP/1.1 2", HEAD[:30], HEAD])
def test_a_head_that_breaks_off(serve: Serve, part: bytes) -> None:
    assert sent(serve, replying_once(part)).reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    "data",
    [
        answer().replace(b"Content-Length: 42", b"Content-Length: 43"),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2a\r\n" + GOOD_BODY[:10],
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2a\r\n" + GOOD_BODY + b"\r\n",
    ],
    ids=["length", "within a chunk", "no last chunk"],
)
def test_a_body_that_breaks_off(serve: Serve, data: bytes) -> None:
    assert sent(serve, replying_once(data)).reason is Reason.TRUNCATED


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00 this isn't HTTP\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD_BODY,
        HEAD + b"Content-Length: 42, 43\r\n\r\n" + GOOD_BODY,
        HEAD + b"X: y\r\n" * 101 + b"\r\n" + GOOD_BODY,
        HEAD + b"X: " + b"y" * 65537 + b"\r\n\r\n",
    ],
    ids=["no HTTP", "no status", "version", "bad chunk", "two lengths", "101 headers", "long header"],
)
def test_an_answer_that_is_not_http(serve: Serve, data: bytes) -> None:
    def script(peer: Peer) -> None:
        replying_once(data)(peer)
        peer.linger()

    assert sent(serve, script).reason in {Reason.PROTOCOL, Reason.TOO_LARGE}


@pytest.mark.parametrize("size", [b"-1", b"-5", b"ffffffffffff"])
def test_a_chunk_size_cannot_lift_the_cap(serve: Serve, size: bytes) -> None:
    data = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + b"x" * 1_000_000
    assert sent(serve, replying_once(data)).reason in {Reason.TOO_LARGE, Reason.PROTOCOL, Reason.TRUNCATED}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve: Serve, status: int) -> None:
    elsewhere = serve(replying(answer()))
    data = answer(b"", status=f"{status} Moved", headers=f"Location: {elsewhere.url}\r\n")
    failure = sent(serve, replying(data))
    assert (failure.reason, failure.status) == (Reason.REDIRECT, status)
    assert elsewhere.connections == 0


@pytest.mark.parametrize("status", [103, 304, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504])
def test_a_status_other_than_2xx_is_a_failure_that_keeps_it(serve: Serve, status: int) -> None:
    failure = sent(serve, replying_once(answer(status=f"{status} Bad", headers="Retry-After: 0\r\n")))
    assert (failure.reason, failure.status) == (Reason.HTTP_STATUS, status)
    assert str(failure) == f"sent: http_status {status}"


def test_what_a_refusing_remote_said_is_kept_for_people(serve: Serve) -> None:
    refusal = b'{"code": 1, "message": "Invalid API Key"}'
    failure = sent(serve, replying(answer(refusal + b" " * 5000, status="403 Forbidden")))
    assert failure.excerpt[: len(refusal)] == refusal
    assert len(failure.excerpt) == 2048


def test_html_with_200(serve: Serve) -> None:
    page = b"<html>Down for maintenance</html>"
    failure = sent(serve, replying(answer(page, content_type="text/html; charset=utf-8")))
    assert (failure.reason, failure.status, failure.excerpt) == (Reason.CONTENT_TYPE, 200, page)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/jsonp", "application/problem+json", "application/json; charset=utf-16", "", "json"],
)
def test_json_under_another_type(serve: Serve, content_type: str) -> None:
    assert sent(serve, replying(answer(content_type=content_type))).reason is Reason.CONTENT_TYPE


def test_a_type_named_twice(serve: Serve) -> None:
    data = answer(headers="Content-Type: text/html\r\n")
    assert sent(serve, replying(data)).reason is Reason.CONTENT_TYPE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
def test_an_encoded_answer(serve: Serve, encoding: str) -> None:
    data = answer(headers=f"Content-Encoding: {encoding}\r\n")
    assert sent(serve, replying(data)).reason is Reason.CONTENT_ENCODING


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "syntax"),
        (b'{"code": 0', "syntax"),
        (b'{"code": 0} {}', "syntax"),
        (b'{"code": 1, "code": 0}', "duplicate_key"),
        (b'{"code": NaN}', "constant"),
        (b'{"code": -Infinity}', "constant"),
        (b'{"amount": 1e400}', "number"),
        (b'{"amount": ' + b"1" * 1000 + b"}", "number"),
        (b"[" * 30_000 + b"]" * 30_000, "depth"),
        (b'{"a": "\xff"}', "encoding"),
        (b'{"a": "\\ud800"}', "surrogate"),
    ],
)
def test_anything_but_strict_json(serve: Serve, body: bytes, code: str) -> None:
    failure = sent(serve, replying(answer(body)))
    assert (failure.reason, failure.detail, failure.status) == (Reason.BAD_JSON, code, 200)


def test_json_nested_a_hundred_thousand_deep(serve: Serve) -> None:
    failure = sent(serve, replying(answer(b"[" * 100_000 + b"]" * 100_000)), body_cap=1_000_000)
    assert (failure.reason, failure.detail) == (Reason.BAD_JSON, "depth")


@pytest.mark.parametrize(
    "data",
    [
        answer(b'"' + b"x" * 65535 + b'"'),
        chunked(b'"', *[b"x" * 1000] * 66, b'"'),
        HEAD + b'\r\n"' + b"x" * 66_000,
        HEAD + b"X: y\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 5000) for i in range(20)) + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    ],
    ids=["length", "chunks", "until the end", "headers", "continues"],
)
def test_more_than_the_cap(serve: Serve, data: bytes) -> None:
    assert sent(serve, replying_once(data)).reason is Reason.TOO_LARGE


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_a_time_out_after_the_request(serve: Serve, way_out: Any) -> None:
    server = serve(lambda peer: peer.linger() if peer.read_request() else None)
    with pytest.raises(Sent) as caught:
        way_out(Call(purpose="test", url=server.url, json={}, deadline=0.3))
    assert caught.value.reason is Reason.TIMEOUT
    assert len(server.requests) == 1


def test_a_defect_of_ours_after_the_request_counts_as_sent(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("secret-of-a-defect")

    monkeypatch.setattr("aeghash.core.egress.answers._parsed", fail)
    failure = sent(serve, replying(answer()))
    assert failure.reason is Reason.INTERNAL
    assert failure.detail.startswith("ZeroDivisionError in fail, line ")
    assert "secret-of-a-defect" not in repr(failure)
