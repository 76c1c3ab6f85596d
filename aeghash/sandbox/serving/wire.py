"""As much HTTP/1.1 as a sandbox needs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

MOST_BODY = 16 * 1024 * 1024
IDLE_SECONDS = 75


class Unreadable(Exception):
    """What came is no request that could be answered in any other way than by a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection, or None if there is none any more."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_SECONDS)
    except (asyncio.IncompleteReadError, TimeoutError):
        return None
    except asyncio.LimitOverrunError as error:
        raise Unreadable(431) from error
    method, target, version, headers = _parse_head(head)
    length = _length(headers)
    body = await asyncio.wait_for(reader.readexactly(length), IDLE_SECONDS) if length else b""
    path, _, query = target.partition("?")
    return Request(
        method=method,
        path=path,
        query=dict(parse_qsl(query)),
        headers=headers,
        body=body,
        keep_alive=version == "HTTP/1.1" and headers.get("connection", "").lower() != "close",
    )


def _parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    try:
        method, target, version = first.split(" ")
    except ValueError as error:
        raise Unreadable(400) from error
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name.lower() in headers:
            raise Unreadable(400)  # told twice, a length or a host could mean two things
        headers[name.lower()] = value.strip()
    return method, target, version, headers


def _length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Unreadable(411)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Unreadable(400)
    if len(length) > 10 or int(length) > MOST_BODY:
        raise Unreadable(413)
    return int(length)


def response_head(
    status: int,
    *,
    length: int,
    content_type: str,
    keep_alive: bool = True,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {_reason(status)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        *(f"{name}: {value}" for name, value in (extra or {}).items()),
    ]
    if not keep_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
