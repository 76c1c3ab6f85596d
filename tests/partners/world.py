"""A partner with a key, and a mall that signs its calls."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connections
from django.test import Client

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from bonus.models import Entry
from mining.models import Grant
from organization.models import Member, Order, Refund
from partners.models import IdempotencyRecord, InboundEvent, Partner, PartnerKey
from withdrawals.models import PayoutAddress, Withdrawal

BASE: Final = "/api/aegmall/v1/"
SECRET: Final = "test-secret-of-thirty-two-letters"
DOMAIN: Final = (Member, Order, Refund, Grant, Entry, Withdrawal, PayoutAddress, IdempotencyRecord, InboundEvent)


@dataclass
class Mall:
    """Signs by itself, with nothing of the product's."""

    key_id: str
    secret: str = SECRET
    base: str = BASE
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def headers(self, method: str, path: str, body: bytes, **changed: str) -> dict[str, str]:
        stamp, nonce = str(int(clock.now().timestamp())), uuid.uuid4().hex
        digest = hashlib.sha256(body).hexdigest()
        text = f"{stamp}\n{nonce}\n{method}\n{path}\n{digest}"
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        signed = {
            "X-AEG-Key": self.key_id,
            "X-AEG-Timestamp": stamp,
            "X-AEG-Nonce": nonce,
            "X-AEG-Signature": f"v2={signature}",
        }
        return signed | changed

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **changed: str) -> Any:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = self.headers(method, self.base + path, raw)
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.send(method, self.base + path, raw, headers | changed)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        return self.client.generic(method, path, body, "application/json", headers=headers, RAW_URI=path)

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        return self.call("POST", path, body, key=key or uuid.uuid4().hex)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def join(self, uid: str, sponsor: str | None = None) -> Any:
        answer = self.post("members", {"uid": uid, "sponsor_uid": sponsor})
        assert answer.status_code == 201, answer.content
        return answer.json()


def make_key(partner: Partner, **fields: Any) -> PartnerKey:
    return PartnerKey.objects.create(
        partner=partner, key_id=fields.pop("key_id", f"ak_{uuid.uuid4().hex[:12]}"), secret=SECRET, **fields
    )


def make_mall(slug: str = "mall", **fields: Any) -> Mall:
    fields = {"reads_a_minute": 10**6, "writes_a_minute": 10**6, "burst": 10**6} | fields
    with acting_as(command("test")):
        partner = Partner.objects.create(slug=slug, **fields)
        return Mall(make_key(partner).key_id)


def order(number: str = "o-1", uid: str = "buyer", **fields: Any) -> dict[str, Any]:
    return {"order_id": number, "uid": uid, "total_amount": "120.00", "pv_amount": "96", "channel": "ONLINE", **fields}


def trace() -> dict[str, int]:
    """How much there is of everything that a call could leave."""
    return {model.__name__: model.objects.count() for model in DOMAIN}


@contextmanager
def no_trace() -> Iterator[None]:
    before = trace()
    yield
    assert trace() == before


def in_own_thread(mall: Mall, *words: Any, **named: Any) -> Any:
    """With connections of its own, which it gives back."""
    try:
        return Mall(mall.key_id).call(*words, **named)
    finally:
        connections.close_all()
