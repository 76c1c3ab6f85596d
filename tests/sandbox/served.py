"""Sandboxes for tests: a clock that stands still, and a server in a thread."""

import asyncio
import threading
from typing import Any

import requests

from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.model import Model
from aeghash.sandbox.serving.server import SandboxServer

NOON = 1_767_268_800_000
"""2026-01-01 12:00 UTC."""


class StoppedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class Served:
    """A sandbox in a thread of its own, on a free port."""

    server_class: type[SandboxServer] = SandboxServer

    def __init__(self, model: Model) -> None:
        self.remote = FaultyRemote(model)
        self.server = self.server_class(self.remote)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(timeout=5)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def control(self, action: str, **fields: Any) -> dict[str, Any]:
        response = requests.post(f"{self.root}/_control", json={"action": action, **fields}, timeout=5)
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.json()
        return told

    def fault(self, kind: str, **fields: Any) -> None:
        self.control("fault", kind=kind, **fields)

    def books(self) -> dict[str, Any]:
        books: dict[str, Any] = requests.get(f"{self.root}/_books", timeout=5).json()
        return books

    def trace(self) -> dict[str, Any]:
        trace: dict[str, Any] = requests.get(f"{self.root}/_trace", timeout=5).json()
        return trace

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
