"""GET /api/from/: the mall's first API."""

import hashlib
import hmac
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from aeghash.core import clock
from mining.models import Grant
from partners.models import Call, IdempotencyRecord, Partner, PartnerKey
from tests.partners.test_calls import problem
from tests.partners.test_idempotency import REPLAYED
from tests.partners.world import SECRET, Mall, no_trace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old(mall: Mall) -> Mall:
    Partner.objects.update(allows_legacy_get=True)
    return mall


def query(mall: Mall, **changed: str) -> dict[str, str]:
    stamp = str(int(clock.now().timestamp()))
    asked = {"from": "shop", "uid": "buyer", "app": "android", "hash": "12.5", "ts": stamp, "nonce": uuid.uuid4().hex}
    asked |= changed
    text = " ".join(asked[name] for name in ("ts", "nonce", "from", "uid", "app", "hash"))
    return asked | {"key": mall.key_id, "sig": hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()}


def ask(mall: Mall, asked: dict[str, str], more: str = "") -> Any:
    return mall.client.get(f"/api/from/?{urlencode(asked)}{more}")


def test_it_credits_hash_power_once_per_nonce(old: Mall) -> None:
    asked = query(old)
    first = ask(old, asked)
    assert first.status_code == 200, first.content
    assert first.json() == {
        "grant_id": Grant.objects.get().pk, "uid": "buyer", "hash": "12.5", "direction": "credit", "hash_power": "12.5",
    }  # fmt: skip
    again = ask(old, asked)
    assert (again.status_code, again.content, again[REPLAYED]) == (200, first.content, "true")
    assert (Grant.objects.count(), IdempotencyRecord.objects.filter(call="legacy").count()) == (1, 1)
    assert Call.objects.filter(path="/api/from/", status=200).count() == 2
    assert not Call.objects.filter(path__contains="sig").exists()


def test_a_nonce_of_other_contents_is_a_conflict(old: Mall) -> None:
    asked = query(old)
    ask(old, asked)
    problem(ask(old, query(old, nonce=asked["nonce"], hash="13")), 409, "idempotency_conflict")
    assert Grant.objects.count() == 1


def test_a_partner_without_it_has_no_key_for_it(mall: Mall) -> None:
    with no_trace():
        problem(ask(mall, query(mall)), 401, "invalid_key")


@pytest.mark.parametrize("name", ["from", "uid", "app", "hash", "nonce", "sig"])
def test_whatever_is_changed_breaks_the_signature(old: Mall, name: str) -> None:
    asked = query(old)
    with no_trace():
        problem(ask(old, asked | {name: asked[name][:-1] + "x"}), 401, "invalid_signature")


def test_the_checks_stand_in_their_order(old: Mall) -> None:
    stale = str(int(clock.now().timestamp()) - 301)
    with no_trace():
        problem(ask(old, query(old, ts=stale) | {"key": "ak_nobody"}), 401, "invalid_key")
        Partner.objects.update(networks=["203.0.113.0/24"])
        problem(ask(old, query(old, ts=stale)), 403, "ip_not_allowed")
        Partner.objects.update(networks=[])
        problem(ask(old, query(old, ts=stale)), 401, "stale_timestamp")
        PartnerKey.objects.update(scopes=["orders:write"])
        problem(ask(old, query(old)), 403, "scope_missing")


@pytest.mark.parametrize("power", ["0", "-1", "NaN", "1_000", "1e5", "", "９"])
def test_an_amount_that_is_none_is_refused(old: Mall, power: str) -> None:
    problem(ask(old, query(old, hash=power)), 400, "validation_error")
    assert not Grant.objects.exists()


def test_a_parameter_too_many_is_refused(old: Mall) -> None:
    with no_trace():
        problem(ask(old, query(old), "&surprise=1"), 400, "validation_error")
        problem(ask(old, query(old), "&uid=buyer"), 400, "validation_error")
        problem(old.client.post("/api/from/"), 405, "method_not_allowed")


def test_another_partners_member_is_not_there(old: Mall) -> None:
    problem(ask(old, query(old, uid="nobody")), 404, "member_not_found")
    assert not Grant.objects.exists()
