"""From what the remote sent to an `Answer`, or to the reason why there is none."""

from contextlib import suppress
from typing import Final

from urllib3.response import BaseHTTPResponse

from aeghash.core import strict_json
from aeghash.core.egress.calls import Answer, Call, Receipt
from aeghash.core.egress.exchange import Exchange
from aeghash.core.egress.failures import Reason, Stopped

HEADERS_OF_INTEREST: Final = ("content-type", "date", "retry-after", "x-request-id")
EXCERPT_CAP: Final = 2048
REDIRECTS: Final = (301, 302, 303, 307, 308)
_STEP: Final = 16 * 1024


def receive_answer(response: BaseHTTPResponse, exchange: Exchange, call: Call) -> Answer:
    exchange.widen(call.body_cap)
    _check_head(response, exchange)
    _check_type(response)
    body = _body(response, call.body_cap)
    return Answer(
        status=response.status,
        headers={name: response.headers[name] for name in HEADERS_OF_INTEREST if name in response.headers},
        json=_parsed(body, response.status),
        body=body,
        elapsed=exchange.elapsed(),
    )


def receive_receipt(response: BaseHTTPResponse, exchange: Exchange, _call: Call) -> Receipt:
    """The body isn't read: the status is all that a webhook's target has to say."""
    _check_head(response, exchange)
    return Receipt(status=response.status, elapsed=exchange.elapsed())


def _check_head(response: BaseHTTPResponse, exchange: Exchange) -> None:
    status = response.status
    if exchange.ended:  # the standard library takes a head that breaks off for a head that is over
        raise Stopped(Reason.TRUNCATED)
    if status in REDIRECTS:
        raise Stopped(Reason.REDIRECT, status=status)
    if not 200 <= status < 300:
        # After a status below 200 the real answer is still to come. Nothing is read: a connection whose
        # answer looks complete would be kept, and the next call would get that answer.
        raise Stopped(Reason.HTTP_STATUS, status=status, excerpt=_excerpt(response) if status >= 400 else b"")


def _check_type(response: BaseHTTPResponse) -> None:
    # `identity` was asked for. What comes compressed all the same isn't unpacked, so it can't be a bomb.
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Stopped(Reason.CONTENT_ENCODING, status=response.status)
    if not _is_json(response.headers.get("content-type", "")):
        raise Stopped(Reason.CONTENT_TYPE, status=response.status, excerpt=_excerpt(response))


def _is_json(content_type: str) -> bool:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    return media_type == "application/json" and all(
        parameter in ("", "charset=utf-8", 'charset="utf-8"') for parameter in parameters
    )


def _body(response: BaseHTTPResponse, cap: int) -> bytes:
    body = bytearray()
    while piece := response.read(min(_STEP, cap + 1 - len(body)), decode_content=False):
        body += piece
        if len(body) > cap:
            raise Stopped(Reason.TOO_LARGE, status=response.status)
    return bytes(body)


def _excerpt(response: BaseHTTPResponse) -> bytes:
    """For a person. That it can't be had changes nothing about the outcome."""
    with suppress(Exception):
        return response.read(EXCERPT_CAP, decode_content=False)
    return b""


def _parsed(body: bytes, status: int) -> strict_json.JsonValue:
    try:
        return strict_json.parse(body)
    except strict_json.BadJson as error:
        code = error.code
    raise Stopped(Reason.BAD_JSON, code, status=status, excerpt=body[:EXCERPT_CAP])
