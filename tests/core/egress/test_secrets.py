"""Keys, bodies, queries and webhook paths are in no log line, no exception and no traceback of egress."""

import http.client
import logging
import pickle
import socket
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
import requests
import structlog
import urllib3
from structlog.testing import capture_logs

from aeghash.core import egress
from aeghash.core.egress import Call, EgressFailure, NotSent, Sent, transport

from .conftest import Serve
from .servers import Peer, Script, answer, replying, replying_once

CANARIES = ("canary-key", "canary-wallet", "canary-query", "canary-reply", "canary-header")
BAD = b'{"walletKey": "canary-reply", "walletKey": "canary-reply"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SCRIPTS: dict[str, Script] = {
    "answered": replying(answer(b'{"walletKey": "canary-reply"}')),
    "duplicate key": replying(answer(BAD)),
    "not JSON": replying(answer(b"canary-reply")),
    "not UTF-8": replying(answer(b'"canary-reply\xff"')),
    "HTML": replying(answer(b"<html>canary-reply</html>", content_type="text/html")),
    "500": replying(answer(BAD, status="500 canary-reply", headers="X-Secret: canary-reply\r\n")),
    "redirect": replying(answer(b"canary-reply", status="302 Found", headers="Location: /canary-reply\r\n")),
    "no HTTP": replying_once(b"canary-reply\r\n\r\n"),
    "broken header": replying_once(HEAD + b"canary-reply\r\n\r\ncanary-reply"),
    "bad chunk": replying_once(HEAD + b"Transfer-Encoding: chunked\r\n\r\ncanary-reply\r\n"),
    "two lengths": replying_once(HEAD + b"Content-Length: 1, 2\r\n\r\ncanary-reply"),
    "two framings": replying_once(HEAD + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "truncated": replying_once(HEAD + b"Content-Length: 99\r\n\r\ncanary-reply"),
    "too large": replying_once(HEAD + b"\r\n" + b"canary-reply" * 10_000),
    "silent": Peer.linger,
    "reset": Peer.reset,
}
WAYS_OUT = {
    "post_once": egress.post_once,
    "read": egress.read,
    "notify": lambda call: egress.notify(call, public_only=False),
}


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every library at its most talkative, as somebody might set it while hunting a fault."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "http.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)


def secret_call(url: str, **changes: Any) -> Call:
    values: dict[str, Any] = {
        "purpose": "test",
        "url": url + "?token=canary-query",
        "json": {"walletKey": "canary-wallet"},
        "headers": {"X-MBLOCK-Key": "canary-key"},
        "deadline": 0.3,
    }
    return Call(**values | changes)


def outcome_of(way_out: Callable[[Call], object], call: Call) -> tuple[str, list[MutableMapping[str, Any]]]:
    """Everything of the outcome that somebody could print, and the lines logged."""
    shown = [repr(call), str(call)]
    with capture_logs() as lines:
        try:
            shown.append(repr(way_out(call)))
        except EgressFailure as failure:
            shown += all_of(failure)
    return "\n".join(shown), lines


def all_of(failure: EgressFailure) -> list[str]:
    assert failure.__cause__ is None
    assert failure.__context__ is None
    assert str(pickle.loads(pickle.dumps(failure))) == str(failure)
    return [repr(failure), str(failure), repr(failure.args), *rendered(failure)]


def rendered(failure: EgressFailure) -> list[str]:
    """The traceback with the values of all variables, as some handlers print it; this module's own frames left out."""
    whole = traceback.TracebackException.from_exception(failure, capture_locals=True)
    whole.stack = traceback.StackSummary.from_list(
        [frame for frame in whole.stack if not frame.filename.endswith("test_secrets.py")]
    )
    assert any("egress" in frame.filename for frame in whole.stack)
    return list(whole.format())


def assert_clean(text: str, also: tuple[str, ...] = ()) -> None:
    assert [canary for canary in CANARIES + also if canary in text] == []


@pytest.mark.parametrize("way_out", WAYS_OUT)
@pytest.mark.parametrize("script", SCRIPTS)
def test_no_outcome_shows_a_secret(
    serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], script: str, way_out: str
) -> None:
    server = serve(SCRIPTS[script])
    shown, lines = outcome_of(WAYS_OUT[way_out], secret_call(server.url))
    printed = "".join(capfd.readouterr())
    assert len(lines) == 1
    assert_clean(shown + repr(lines) + caplog.text + printed)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://user:canary-key@pool.example/canary-query"},
        {"url": "http://pool.example/\ncanary-query"},
        {"headers": {"X-MBLOCK-Key": "canary-header\n"}},
        {"headers": {"X-MBLOCK-Key": "canary-header\u20ac"}},
        {"headers": {"canary-header\n": "x"}},
        {"json": {"canary-wallet": 0.5}},
        {"json": "canary-wallet\ud800"},
        {"ca_file": "/nonexistent.pem"},
    ],
)
def test_no_call_that_cannot_be_made_shows_a_secret(caplog: pytest.LogCaptureFixture, changes: dict[str, Any]) -> None:
    call = secret_call(**{"url": "https://127.0.0.1:1/v1"} | changes)
    shown, lines = outcome_of(egress.post_once, call)
    assert lines[0]["sent"] is False
    assert_clean(shown + repr(lines) + caplog.text)


def test_a_tls_failure_shows_no_secret(serve: Serve, certificate: str, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(replying(answer()), certificate=certificate)
    shown, lines = outcome_of(egress.post_once, secret_call(server.url))
    assert lines[0]["outcome"] == "tls"
    assert_clean(shown + repr(lines) + caplog.text)


def test_a_failure_of_the_libraries_shows_no_secret(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they raise, and whatever it holds, ends at the door."""

    def fail(_self: object, request: requests.PreparedRequest, *_args: object) -> None:
        raise requests.ConnectionError("canary-key", request=request)

    monkeypatch.setattr(transport.GuardedAdapter, "begin", fail)
    shown, lines = outcome_of(egress.post_once, secret_call(serve(Peer.linger).url))
    assert_clean(shown + repr(lines))


def test_a_webhooks_path_is_a_secret(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(replying(answer()))
    call = secret_call(server.url + "/services/T0/B0/canary-path")
    shown, lines = outcome_of(WAYS_OUT["notify"], call)
    assert lines[0]["path"] == ""
    assert_clean(shown + repr(lines) + caplog.text, also=("canary-path",))


def test_without_the_filter_the_library_logs_the_path(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The negative control of the canaries: planted in the same places, the plain libraries show them."""
    server = serve(replying(answer()))
    logger = logging.getLogger("urllib3.connectionpool")
    filters, logger.filters = logger.filters, []
    try:
        urllib3.PoolManager().request("POST", server.url + "?token=canary-query")
    finally:
        logger.filters = filters
    assert "canary-query" in caplog.text
    with pytest.raises(requests.ConnectionError) as caught:
        requests.post(serve(Peer.reset).url, headers={"X-Key": "canary-key"}, proxies={"http": ""})
    assert caught.value.request is not None
    assert "canary-key" in str(caught.value.request.headers)


def test_the_filter_outlives_a_new_configuration_of_logging() -> None:
    for name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        record = logging.LogRecord(name, logging.WARNING, "", 0, "canary-key", (), None)
        assert not logger.filter(record)


def test_the_log_line(serve: Serve) -> None:
    server = serve(replying(answer()))
    with (
        structlog.contextvars.bound_contextvars(request_id="r-1"),
        capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines,
    ):
        egress.post_once(secret_call(server.url))
    line = dict(lines[0])
    assert 0 <= line.pop("elapsed_ms") < 30_000
    assert line.pop("bytes") > 100
    assert line == {
        "event": "egress.call",
        "log_level": "info",
        "request_id": "r-1",
        "kind": "post_once",
        "purpose": "test",
        "host": "127.0.0.1",
        "path": "/v1",
        "outcome": "answered",
        "detail": "",
        "sent": True,
        "status": 200,
    }


def test_the_log_line_of_a_failure(serve: Serve) -> None:
    with capture_logs() as lines, pytest.raises(Sent):
        egress.read(secret_call(serve(replying(answer(BAD))).url))
    assert lines[0]["log_level"] == "warning"
    assert (lines[0]["outcome"], lines[0]["detail"], lines[0]["status"]) == ("bad_json", "duplicate_key", 200)
    with socket.socket() as unused, capture_logs() as lines, pytest.raises(NotSent):
        unused.bind(("127.0.0.1", 0))
        egress.read(secret_call(f"http://127.0.0.1:{unused.getsockname()[1]}/v1"))
    assert (lines[0]["outcome"], lines[0]["sent"], lines[0]["bytes"]) == ("refused", False, 0)


def test_a_log_that_cannot_be_written_does_not_cost_an_answer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("aeghash.core.egress.door._log", fail)
    assert egress.post_once(secret_call(serve(replying(answer())).url)).status == 200
