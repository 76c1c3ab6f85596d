"""The guarded sockets in the form `requests` takes: connections, their pools, and the adapter around them.

Only the adapter of `requests` is used, never its `Session`. A session reads the whole body of a redirect it
was told not to follow, decoding it without a limit; it keeps cookies; it asks the environment for proxies and
passwords.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection

from aeghash.core.egress.exchange import current
from aeghash.core.egress.sockets import GuardedSocket, GuardedTLSSocket, connect, start_tls, tls_context

POOL_SIZE: Final = 10
MAX_IDLE_SECONDS: Final = 30.0

# Each prints whole targets, at some level or in a warning, and a webhook's path is its secret. A filter stays
# when the application configures its logging, which a level or `disabled` doesn't.
for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(lambda _record: False)


class PlainConnection(HTTPConnection):
    debuglevel = 0  # above 0, which some set for the whole process, requests are printed with their headers
    _last_used = 0.0

    def connect(self) -> None:
        self.sock = connect(self.host, self.port, current())

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._last_used = time.monotonic()
        if isinstance(self.sock, GuardedSocket):  # a connection used again still has its last call's account
            self.sock.exchange = current()
        super().request(*args, **kwargs)

    @property
    def is_connected(self) -> bool:
        # What a firewall on the way has forgotten looks connected, and would swallow a call to its deadline.
        return time.monotonic() - self._last_used < MAX_IDLE_SECONDS and super().is_connected


class TLSConnection(PlainConnection, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, GuardedSocket)
        assert self.ca_certs
        self.sock = start_tls(self.sock, self.host, tls_context(self.ca_certs))
        self.is_verified = True

    @property
    def is_connected(self) -> bool:
        # Decrypted bytes nobody has read don't show on the socket; the next answer would begin with them.
        unread = isinstance(self.sock, GuardedTLSSocket) and self.sock.pending()
        return not unread and super().is_connected


class PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class TLSPool(HTTPSConnectionPool):
    ConnectionCls = TLSConnection


class GuardedAdapter(HTTPAdapter):
    def __init__(self, *, reuse: bool) -> None:
        self._reuse = reuse
        never = Retry(0, connect=0, read=0, redirect=0, status=0, other=0, respect_retry_after_header=False)
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=never)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TLSPool}

    def add_headers(self, request: PreparedRequest, **_kwargs: Any) -> None:
        if not self._reuse:
            request.headers["Connection"] = "close"

    def begin(self, request: PreparedRequest, ca_file: str | None) -> Response:
        """Sends the request and returns when the answer's head is in. Time-outs are the sockets' business."""
        if _carrier is not None:
            return _brought(_carrier, request)
        return self.send(request, stream=True, timeout=None, verify=ca_file or True)


@dataclass(frozen=True, slots=True)
class Brought:
    """The whole answer to a carried request."""

    status: int
    content_type: str
    body: bytes


# Of a URL, its headers and its body. It says `current().sent = True` once bytes have left, and raises Stopped, as the
# sockets would, for what brings no whole answer.
Carrier = Callable[[str, dict[str, str], bytes], Brought]

_carrier: Carrier | None = None


@contextmanager
def carried_by(carrier: Carrier) -> Iterator[None]:
    """Within it, no socket opens: the simulation's network stands behind the door, and all else of the door is real."""
    global _carrier
    before, _carrier = _carrier, carrier
    try:
        yield
    finally:
        _carrier = before


def _brought(carrier: Carrier, request: PreparedRequest) -> Response:
    body = request.body if isinstance(request.body, bytes) else b""
    came = carrier(str(request.url), dict(request.headers), body)
    current().note_received(len(came.body) or 1)
    response = Response()
    response.raw = HTTPResponse(
        BytesIO(came.body), {"content-type": came.content_type}, status=came.status, preload_content=False
    )
    return response
