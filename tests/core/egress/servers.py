"""Servers on loopback that do exactly what a test tells them to, byte by byte."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

GOOD_BODY = b'{"code": 0, "data": {"withdrawId": "w-1"}}'


def answer(
    body: bytes = GOOD_BODY,
    *,
    status: str = "200 OK",
    content_type: str = "application/json",
    headers: str = "",
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def chunked(*chunks: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{headers}\r\n"
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


class Peer:
    """One connection, seen from the server."""

    def __init__(self, server: "ScriptedServer", connection: socket.socket) -> None:
        self.server = server
        self.connection = connection

    def read_request(self) -> bytes:
        """Head and body of the next request, empty once the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += self.connection.recv(65536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def trickle(self, data: bytes, interval: float) -> None:
        for index in range(len(data)):
            self.send(data[index : index + 1])
            if self.server.stopping.wait(interval):
                return

    def linger(self) -> None:
        """Hold the connection open, and silent, until the test is over."""
        self.server.stopping.wait(30)

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


Script = Callable[[Peer], None]


def replying(data: bytes) -> Script:
    """Answers each request on a connection with `data`."""

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(data)

    return script


def replying_once(data: bytes) -> Script:
    """Answers the first request with `data` and closes."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(data)

    return script


class ScriptedServer:
    """Runs `script` on each connection in a thread of its own, and counts what arrives."""

    def __init__(self, script: Script, *, certificate: str | None = None, receive_buffer: int | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._script = script
        self._context = _server_context(certificate) if certificate else None
        self._scheme = "https" if certificate else "http"
        self._listener = socket.socket()
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):  # wakes a thread that waits for a client which keeps its connection
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            if self._context is None:
                self._script(Peer(self, connection))
                return
            with self._context.wrap_socket(connection, server_side=True) as secured:
                self._open.append(secured)
                self._script(Peer(self, secured))


def _server_context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
