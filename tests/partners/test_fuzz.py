"""Signed and valid but for its content: no 5xx, nothing half done, and a problem document."""

import json
import logging
import random
from typing import Any, Final

import pytest

from aeghash.core import catalogue
from organization.models import Order
from partners.models import IdempotencyRecord, InboundEvent
from tests.partners.world import Mall, order

pytestmark = pytest.mark.django_db(transaction=True)

VALUES: Final[list[Any]] = [
    "-1", "0", "NaN", "Infinity", "1e400", "1_000", "١٢٣", "１", "-0", True, [], {}, None, 1.5, 7, 10**40, "0.00001",
    "9" * 40, "1.50", "", " ", "x" * 300, "a\u0000b", "\u202eabc", "=cmd()", "\ud800", "buyer", "company", "nobody", "L",
    "USDT", "LTC", "ONLINE", "credit", "debit", "2026-11-21", "2026-11-21T09:00:00Z", "2026-02-30", {"a": {"b": [1]}},
    {"k": "x" * 9000}, "o-1", "e-1", "999.999.1.1", "a@b.kr",
]  # fmt: skip
FIELDS: Final = {
    "members": ("uid", "email", "name", "sponsor_uid", "side"),
    "hashpower": ("uid", "hash", "direction", "app", "event_id", "starts_on", "ends_on"),
    "orders": (*order(), "paid_at", "center_uid", "metadata"),
    "orders/o-1/refund": ("reason",),
    "withdrawals": ("uid", "asset", "amount", "address", "reference_id", "ip", "device_id"),
    "withdrawals/1/cancel": ("reason",),
    "members/buyer/addresses": ("asset", "address", "label"),
}
RAW: Final = [
    b"",
    b"[]",
    b"1",
    b'{"uid":',
    b"\xff\xfe",
    b'{"uid":"a","uid":"b"}',
    b"[" * 5000,
    b'{"hash":NaN}',
    b"null",
]
READS: Final = [
    "members/%s",
    "members/%s/balances",
    "members/%s/bonuses?%s",
    "orders/%s",
    "withdrawals/%s",
    "totals?day=%s",
]
TEXTS: Final = ["buyer", "%00", "%ff", "1", "99999999999999999999", "o-1", "a%2Fb", "%F0%9F%98%80", "..", "status=x"]


def body_of(chance: random.Random, path: str) -> bytes:
    if chance.random() < 0.1:
        return chance.choice(RAW)
    good = order(f"o-{chance.randrange(30)}") if path == "orders" else {"uid": "buyer", "hash": "1", "amount": "1"}
    body = {name: good[name] for name in FIELDS[path] if name in good}
    for name in chance.sample([*FIELDS[path], "surprise"], chance.choice((0, 1, 1, 1, 2))):
        body[name] = chance.choice(VALUES)
    return json.dumps(body).encode()


def send(mall: Mall, chance: random.Random) -> Any:
    if chance.random() < 0.25:
        template = chance.choice(READS)
        return mall.get(template % tuple(chance.choice(TEXTS) for _ in range(template.count("%s"))))
    path = chance.choice(list(FIELDS))
    key = f"k-{chance.randrange(10**6)}" if chance.random() < 0.9 else "one for many"
    return mall.call("POST", path, body_of(chance, path), key=key)


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        document = answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert document["status"] == answer.status_code
        assert document["code"]
        if document["code"] == "validation_error":
            assert document["errors"][0]["field"] is not None


def fuzz(mall: Mall, count: int, seed: int = 15) -> None:
    chance = random.Random(seed)
    seen: dict[int, int] = {}
    for _ in range(count):
        answer = send(mall, chance)
        check(answer)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
    assert {200, 201, 400, 404, 409} <= seen.keys()
    assert not InboundEvent.objects.exists()
    assert not IdempotencyRecord.objects.filter(state="FAILED").exists()
    made = IdempotencyRecord.objects.filter(state="SUCCEEDED", call="orders", status=201)
    assert made.count() == Order.objects.count()
    assert [finding for finding in catalogue.look_at_all(only=["I1", "B1", "L2", "L3"]) if not finding.holds] == []


@pytest.fixture(autouse=True)
def _no_line_for_each_refusal(caplog: pytest.LogCaptureFixture) -> None:
    """It costs as much as the refusal."""
    caplog.set_level(logging.ERROR, "django.request")


@pytest.mark.parametrize("seed", [15, 16])
def test_500_calls(mall: Mall, seed: int) -> None:
    """A thousand together, for two workers."""
    fuzz(mall, 500, seed)


@pytest.mark.prove
def test_200_000_calls(mall: Mall) -> None:
    fuzz(mall, 200_000)
