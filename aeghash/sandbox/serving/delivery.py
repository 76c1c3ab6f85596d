"""Posting MBlock's callbacks over HTTP, to this machine and no other."""

import asyncio
import ipaddress
from urllib.parse import SplitResult, urlsplit

from aeghash.sandbox.chain.callbacks import Callback
from aeghash.sandbox.jsontext import to_json

SECONDS = 5


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


async def deliver(callback: Callback) -> None:
    """Post the callback once and note what became of it; a sandbox never tries again."""
    try:
        callback.delivery = await asyncio.wait_for(_post(callback), SECONDS)
    except TimeoutError:
        callback.delivery = "timed out"
    except OSError as error:
        callback.delivery = f"failed: {error.strerror or error}"
    except ValueError:
        callback.delivery = "refused: no usable URL"


async def _post(callback: Callback) -> str:
    parts = urlsplit(callback.url)
    if parts.scheme != "http" or not is_loopback(parts.hostname):
        return "refused: only http to a loopback address"
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    reader, writer = await asyncio.open_connection(host, parts.port or 80)
    try:
        writer.write(_request(parts, to_json(callback.body).encode()))
        await writer.drain()
        status_line = await reader.readline()
    finally:
        writer.close()
    return status_line.decode("latin-1").partition(" ")[2].strip() or "no answer"


def _request(parts: SplitResult, body: bytes) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", errors="replace") + body
