"""A sandbox behind HTTP: the remote's API, its steering, and a page to watch it."""

import asyncio
from collections.abc import Callable, Mapping

from aeghash.sandbox.chain.callbacks import Callback
from aeghash.sandbox.control import actions_of, steer
from aeghash.sandbox.faults.kinds import usual_settings
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.jsontext import JsonObject, from_json, to_json
from aeghash.sandbox.refusals import Misuse
from aeghash.sandbox.serving.delivery import deliver, is_loopback
from aeghash.sandbox.serving.guard import SAFE_HEADERS, refusal_of_stranger
from aeghash.sandbox.serving.page import ASSETS, render_page
from aeghash.sandbox.serving.playing import play
from aeghash.sandbox.serving.wire import Request, Unreadable, read_request, response_head

TICK_SECONDS = 0.1
DELIVERIES_AT_ONCE = 16
JSON_TYPE = "application/json"

Reply = tuple[int, str, bytes]
"""Status, content type, body."""


class SandboxServer:
    """Serves one remote on a loopback address. Port 0 takes a free one; `url` tells which."""

    def __init__(self, remote: FaultyRemote, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback(host):
            raise Misuse(f"A sandbox listens on a loopback address only, not on {host}.")
        self.remote = remote
        self.host = "127.0.0.1" if host == "localhost" else host
        self.port = port
        self._connections: set[asyncio.Task[None]] = set()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._delivering = asyncio.Semaphore(DELIVERIES_AT_ONCE)
        self._pages: Mapping[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/"): self._page,
            ("GET", "/_books"): self._books,
            ("GET", "/_trace"): self._trace,
            ("GET", "/_faults"): self._faults,
            ("POST", "/_control"): self._control,
            **{("GET", path): _asset for path in ASSETS},
        }

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.remote.model.path}"

    async def start(self) -> None:
        self._listener = await asyncio.start_server(self._converse, self.host, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Stop at once: whoever is still waiting for an answer loses the connection."""
        self._listener.close()
        ending = [self._ticking, *self._connections, *self._deliveries]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    # Time and callbacks

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.remote.model.catch_up()
            self._deliver_due()

    def _deliver_due(self) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self._deliver(one)) for one in self.remote.model.take_callbacks()]
        for task in tasks:
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)
        return tasks

    async def _deliver(self, callback: Callback) -> None:
        async with self._delivering:
            await deliver(callback)

    # Connections

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._answer_all(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_still = True
        while open_still:
            try:
                request = await read_request(reader)
            except Unreadable as unreadable:
                await _send(writer, (unreadable.status, "text/plain", b""), keep_alive=False)
                return
            open_still = request is not None and await self._answer(request, reader, writer)

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        stranger = refusal_of_stranger(request)
        if stranger:
            await _send(writer, _told(403, {"ok": False, "error": stranger}), keep_alive=False)
            return False
        if request.path == self.remote.model.path:
            return await self._answer_call(request, reader, writer)
        await _send(writer, self._reply(request), keep_alive=request.keep_alive)
        return request.keep_alive

    async def _answer_call(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if request.method != "POST":
            await _send(writer, (405, "text/plain", b""), keep_alive=request.keep_alive)
            return request.keep_alive
        outcome = self.remote.receive(
            request.body if request.is_json else b"",
            key=request.headers.get(self.remote.model.key_header.lower()),
            address=writer.get_extra_info("peername")[0],
        )
        deliveries = self._deliver_due()
        if outcome.callbacks_first:
            await asyncio.gather(*deliveries)
        return await play(outcome, reader, writer, keep_alive=request.keep_alive)

    # What is not the remote's API

    def _reply(self, request: Request) -> Reply:
        page = self._pages.get((request.method, request.path))
        if page is not None:
            return page(request)
        known = any(path == request.path for _, path in self._pages)
        return 405 if known else 404, "text/plain", b""

    def _page(self, _request: Request) -> Reply:
        return 200, "text/html; charset=utf-8", render_page(self.remote).encode()

    def _books(self, _request: Request) -> Reply:
        return _told(200, self.remote.model.books())

    def _trace(self, request: Request) -> Reply:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 16):
            return _told(400, {"ok": False, "error": "after must be a whole number"})
        return _told(200, self.remote.trace_json(after=int(after)))

    def _faults(self, _request: Request) -> Reply:
        faults = [fault.as_json() for fault in self.remote.plan.faults]
        return _told(200, {"set": faults, "kinds": usual_settings(), "actions": actions_of(self.remote)})

    def _control(self, request: Request) -> Reply:
        try:
            return _told(200, steer(self.remote, from_json(request.body)))
        except ValueError as error:  # a Misuse is one
            return _told(400, {"ok": False, "error": str(error)})


def _asset(request: Request) -> Reply:
    content_type, body = ASSETS[request.path]
    return 200, content_type, body


def _told(status: int, value: JsonObject) -> Reply:
    return status, JSON_TYPE, to_json(value).encode()


async def _send(writer: asyncio.StreamWriter, reply: Reply, *, keep_alive: bool) -> None:
    status, content_type, body = reply
    head = response_head(status, length=len(body), content_type=content_type, keep_alive=keep_alive, extra=SAFE_HEADERS)
    writer.write(head + body)
    await writer.drain()
