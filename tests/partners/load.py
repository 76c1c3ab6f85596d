"""So many calls a second, each at its time whether or not the ones before are answered: as a mall's customers come."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count

from aeghash.core import catalogue
from bonus.models import Entry
from organization.models import Order
from partners.models import IdempotencyRecord, InboundEvent
from tests.partners.world import BASE, Mall

PATIENCE: Final = 60.0


@dataclass
class Told:
    """What became of one call: status 0 if no answer came."""

    body: dict[str, Any]
    status: int = 0
    code: str = ""
    has_retry_after: bool = False


@dataclass
class Load:
    """Orders at an even rate, each under its own number as its key."""

    mall: Mall
    port: int
    order: Callable[[int], dict[str, Any]]
    told: list[Told] = field(default_factory=list)

    def offer(self, *, a_second: float, count: int) -> list[Told]:
        first = len(self.told)
        bodies = [self.order(number) for number in range(first, first + count)]
        return self.send(bodies, a_second=a_second)

    def send(self, bodies: Sequence[dict[str, Any]], *, a_second: float) -> list[Told]:
        told = asyncio.run(self._send(bodies, a_second))
        self.told += told
        return told

    async def _send(self, bodies: Sequence[dict[str, Any]], a_second: float) -> list[Told]:
        begin = time.monotonic()
        running = []
        for number, body in enumerate(bodies):
            await asyncio.sleep(max(0.0, begin + number / a_second - time.monotonic()))
            running.append(asyncio.create_task(self._call(body)))
        return list(await asyncio.gather(*running))

    async def _call(self, body: dict[str, Any]) -> Told:
        told = Told(body)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._exchange(told)
        except (OSError, asyncio.IncompleteReadError):  # of which a time-out is one
            told.status = 0
        return told

    async def _exchange(self, told: Told) -> None:
        raw = json.dumps(told.body).encode()
        headers = self.mall.headers("POST", f"{BASE}orders", raw) | {
            "Host": "127.0.0.1", "Connection": "close", "Content-Type": "application/json",
            "Content-Length": str(len(raw)), "Idempotency-Key": told.body["order_id"],
        }  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"POST {BASE}orders HTTP/1.1\r\n{head}\r\n".encode() + raw)
            answer, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        if not body:
            return
        told.status = int(answer.split(b" ", 2)[1])
        told.has_retry_after = b"\r\nretry-after:" in answer.lower()
        told.code = json.loads(body).get("code", "")


def check_nothing_is_lost_or_doubled(load: Load) -> None:
    """What was accepted is there with its bonuses, once; what was turned away isn't."""
    accepted = {told.body["order_id"] for told in load.told if told.status in (200, 201)}
    unheard = {told.body["order_id"] for told in load.told if told.status == 0}
    there = set(Order.objects.values_list("source_id", flat=True))
    assert accepted <= there <= accepted | unheard
    entries = Counter(dict(Entry.objects.values_list("order__source_id").annotate(Count("pk"))))
    assert set(entries) == there
    assert len(set(entries.values())) <= 1
    records = IdempotencyRecord.objects.filter(call="orders", state="SUCCEEDED")
    assert set(records.values_list("key", flat=True)) == there
    assert not InboundEvent.objects.exists()
    assert [finding for finding in catalogue.look_at_all(only=["I1", "B1"]) if not finding.holds] == []


def statuses(told: list[Told]) -> Counter[tuple[int, str]]:
    return Counter((call.status, call.code) for call in told)


def wait_until_back(load: Load, within: float = 30.0) -> None:
    end = time.monotonic() + within
    while set(statuses(load.offer(a_second=5, count=5))) != {(201, "")}:
        assert time.monotonic() < end, "it isn't back"


def resent(load: Load, refused: list[Told]) -> list[Told]:
    """As a mall does: what was turned away, with the same key, slowly."""
    return load.send([call.body for call in refused[:100]], a_second=10)
