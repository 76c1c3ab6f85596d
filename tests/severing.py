"""A TCP proxy before PostgreSQL that loses one answer: what the client asked for is done, and it never hears of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class SeveringProxy:
    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.sever_after: bytes | None = None
        self.severed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=_pump, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        while request := _received(client):
            if self.sever_after is None or self.sever_after not in request:
                server.sendall(request)
                continue
            self.sever_after = None
            # First the way back is closed, then the request goes on: the answer finds nobody.
            client.shutdown(socket.SHUT_RDWR)
            server.sendall(request)
            server.shutdown(socket.SHUT_WR)
            self.severed += 1
        server.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while answer := _received(source):
            target.sendall(answer)
    except OSError:
        pass
    finally:
        target.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


@contextmanager
def severing_proxy() -> Iterator[SeveringProxy]:
    """Within it, new connections of the application go through the proxy."""
    config = connection.settings_dict
    before = {name: config[name] for name in ("HOST", "PORT")}
    proxy = SeveringProxy(str(config["HOST"]), int(config["PORT"]))
    _reconnect({"HOST": "127.0.0.1", "PORT": proxy.port})
    try:
        yield proxy
    finally:
        _reconnect(before)
        proxy.listener.close()


def _reconnect(address: dict[str, object]) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict.update(address)
