"""A history of 100,000 rows from a pool that takes 50 ms a page, against nothing but the waiting for them."""

import logging
import multiprocessing
import time
from decimal import Decimal
from multiprocessing.connection import Connection
from typing import Any, Final

from django.conf import settings

from bench.measure import Row, compare

ROWS: Final = 100_000
PAGE: Final = 100  # waiting should be what is measured: a page of a thousand rows takes longer to write than 50 ms
LATENCY: Final = 0.05
ROUNDS: Final = 5


def run() -> list[Row]:
    from mining.clients.hashdam import WithdrawalRow, read_history
    from mining.clients.hashdam.histories import PARALLEL

    logging.getLogger("egress").setLevel(logging.WARNING)  # a thousand lines on a terminal take their time
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    pool = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    pool.start()
    settings.HASHDAM_API_BASE_URL, settings.HASHDAM_API_KEY = ours.recv(), "key"

    def read() -> float:
        started = time.monotonic()
        assert len(read_history(WithdrawalRow, limit=PAGE).rows) == ROWS
        return time.monotonic() - started

    try:
        ideal = ROWS / PAGE * LATENCY / PARALLEL
        work, yardstick = (f"history of {ROWS:,} rows", read), ("its pages' waiting alone", lambda: ideal)
        return [compare(work, yardstick, at_most=1.2, unit=" s", rounds=ROUNDS)]
    finally:
        pool.kill()
        pool.join()


def serve(told: Connection) -> None:
    """In a process of its own, as the pool would be: filled by its own reckoning, a call for each row would take minutes."""
    import asyncio

    from aeghash.sandbox.faults.kinds import Fault
    from aeghash.sandbox.faults.remote import FaultyRemote
    from aeghash.sandbox.hashdam import HashDam
    from aeghash.sandbox.serving.server import SandboxServer

    model: Any = HashDam(seed=7, clock=lambda: time.time_ns() // 1_000_000)
    model.pool.holdings["LTC"].balance = Decimal(ROWS)
    for number in range(ROWS):
        model.pool.withdraw("LTC", Decimal(number % 97 + 1) / 1000, "api")
    remote = FaultyRemote(model, [Fault("latency", settings={"seconds": Decimal(str(LATENCY))})])

    async def forever() -> None:
        server = SandboxServer(remote)
        await server.start()
        told.send(server.url)
        await asyncio.Event().wait()

    asyncio.run(forever())
