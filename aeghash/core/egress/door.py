"""The three ways out."""

import os
import re
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPException
from typing import Final, TypeVar

import structlog
from requests import PreparedRequest, Request, RequestException
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from aeghash.core import strict_json
from aeghash.core.egress.answers import receive_answer, receive_receipt
from aeghash.core.egress.calls import Answer, Call, Receipt
from aeghash.core.egress.exchange import Exchange, carried_out
from aeghash.core.egress.failures import EgressFailure, NotSent, Reason, Sent, Stopped
from aeghash.core.egress.targets import target_of
from aeghash.core.egress.transport import GuardedAdapter

Outcome = TypeVar("Outcome", Answer, Receipt)
Receive = Callable[[BaseHTTPResponse, Exchange, Call], Outcome]

# The last is what the standard library makes of a chunk with a negative size.
_LIBRARIES_COMPLAINTS: Final = (RequestException, HTTPError, HTTPException, ValueError)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_HEADER_VALUE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_OWN_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "aeghash",
}
_RESERVED_HEADERS: Final = {
    *(name.lower() for name in _OWN_HEADERS),
    *("connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"),
}


def post_once(call: Call) -> Answer:
    """For calls that move money: a connection of its own, and the request goes over it at most once.

    Raises `NotSent` if no byte of the request can have left, `Sent` if some may have. Anything else that
    comes out (`KeyboardInterrupt` and its like) says nothing about that: take it for sent.
    """
    exchange = Exchange(call.deadline)
    with closing(GuardedAdapter(reuse=False)) as adapter:
        return _carry_out("post_once", call, exchange, adapter, receive_answer)


def read(call: Call) -> Answer:
    """For calls that may be repeated: connections are kept and used again. Repeating is up to the caller.

    Raises `NotSent` or `Sent`; now and then a `Sent` because the remote was just closing a kept connection.
    """
    return _carry_out("read", call, Exchange(call.deadline), _reading, receive_answer)


def notify(call: Call, *, public_only: bool) -> Receipt:
    """For webhooks: their URL is a secret, and somebody else's choice.

    With `public_only` it must be https and lead to public addresses only, else `NotSent`. Raises `Sent` for
    any status but 2xx; what the target says besides isn't looked at.
    """
    exchange = Exchange(call.deadline, public_only=public_only)
    with closing(GuardedAdapter(reuse=False)) as adapter:
        return _carry_out("notify", call, exchange, adapter, receive_receipt)


def _carry_out(
    kind: str, call: Call, exchange: Exchange, adapter: GuardedAdapter, receive: Receive[Outcome]
) -> Outcome:
    outcome = _attempt(call, exchange, adapter, receive)
    # A full disk under the log must not turn a payout that was accepted into an exception.
    with suppress(Exception):
        _log(kind, call, exchange, outcome)
    if isinstance(outcome, EgressFailure):
        # Raised here, where nothing is being handled and no frame shows the request: no traceback has either.
        raise outcome
    return outcome


def _attempt(
    call: Call,
    exchange: Exchange,
    adapter: GuardedAdapter,
    receive: Receive[Outcome],
) -> Outcome | EgressFailure:
    try:
        return _exchanged(call, exchange, adapter, receive)
    except Stopped as stop:
        return _failure(stop, exchange)
    except Exception as error:  # noqa: BLE001  whatever it was, the caller must learn whether the request left
        return _failure(_meaning(error, exchange), exchange)


def _failure(stop: Stopped, exchange: Exchange) -> EgressFailure:
    kind = Sent if exchange.sent else NotSent
    return kind(stop.reason, stop.detail, stop.status, stop.excerpt)


def _exchanged(call: Call, exchange: Exchange, adapter: GuardedAdapter, receive: Receive[Outcome]) -> Outcome:
    target_of(call.url, https_only=exchange.public_only)
    request = _prepared(call)
    with carried_out(exchange):
        response = adapter.begin(request, call.ca_file)
        try:
            return receive(response.raw, exchange, call)
        finally:
            with suppress(Exception):
                response.close()


def _prepared(call: Call) -> PreparedRequest:
    return Request("POST", call.url, headers=_headers(call), data=_serialized(call)).prepare()


def _headers(call: Call) -> dict[str, str]:
    # Checked before the libraries do: their complaints quote the value.
    for name, value in call.headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise Stopped(Reason.INVALID_HEADERS)
        if name.lower() in _RESERVED_HEADERS:
            raise Stopped(Reason.INVALID_HEADERS, "reserved")
    return {**_OWN_HEADERS, **call.headers}


def _serialized(call: Call) -> bytes:
    try:
        return strict_json.dump(call.json)
    except strict_json.BadJson as error:
        raise Stopped(Reason.INVALID_BODY, error.code) from None


def _meaning(error: Exception, exchange: Exchange) -> Stopped:
    """Of what the sockets have no name for: mostly the libraries' complaints that an answer isn't HTTP."""
    if exchange.sent and exchange.ended:
        return Stopped(Reason.TRUNCATED if exchange.received else Reason.RESET)
    if exchange.sent and isinstance(error, _LIBRARIES_COMPLAINTS):
        return Stopped(Reason.PROTOCOL, type(error).__name__)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return Stopped(Reason.INTERNAL, f"{type(error).__name__} in {place.name}, line {place.lineno}")


def _log(kind: str, call: Call, exchange: Exchange, outcome: Answer | Receipt | EgressFailure) -> None:
    failure = outcome if isinstance(outcome, EgressFailure) else None
    write = _logger.warning if failure else _logger.info
    write(
        "egress.call",
        kind=kind,
        purpose=call.purpose,
        **_target_shown(call, secret_path=kind == "notify"),
        outcome=str(failure.reason) if failure else "answered",
        detail=failure.detail if failure else "",
        sent=exchange.sent,
        status=outcome.status,
        bytes=exchange.received,
        elapsed_ms=round(exchange.elapsed() * 1000),
    )


def _target_shown(call: Call, *, secret_path: bool) -> dict[str, str]:
    try:
        target = target_of(call.url, https_only=False)
    except Stopped:  # such a URL may hold a password
        return {"host": "", "path": ""}
    return {"host": target.host, "path": "" if secret_path else target.path}


def _start_afresh() -> None:
    # Two processes on one connection would read each other's answers.
    global _reading
    _reading = GuardedAdapter(reuse=True)


_logger = structlog.get_logger("egress")
_reading = GuardedAdapter(reuse=True)
os.register_at_fork(after_in_child=_start_afresh)
