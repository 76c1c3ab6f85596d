"""The order of checks, and what a changed bit does."""

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest

from aeghash.core import clock
from partners.models import Call, Partner, PartnerKey
from tests.partners.test_calls import problem
from tests.partners.world import BASE, SECRET, Mall, in_own_thread, make_key, make_mall, no_trace, order
from tests.races.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)

BODY = b'{"order_id":"o-1","uid":"buyer","total_amount":"120.00","pv_amount":"96","channel":"ONLINE"}'


def headers(mall: Mall, **changed: str) -> dict[str, str]:
    return mall.headers("POST", BASE + "orders", BODY, **changed) | {"Idempotency-Key": uuid.uuid4().hex}


def send(mall: Mall, sent: dict[str, str]) -> Any:
    return mall.send("POST", BASE + "orders", BODY, sent)


def test_each_check_has_its_code_and_comes_before_the_next(mall: Mall) -> None:
    """Everything is wrong at first; mended one by one, the next check speaks."""
    partner = Partner.objects.get(slug="mall")
    Partner.objects.filter(pk=partner.pk).update(networks=["203.0.113.0/24"], writes_a_minute=1, burst=1)
    PartnerKey.objects.filter(partner=partner).update(scopes=["orders:read"])
    old = str(int(clock.now().timestamp()) - 301)
    used = headers(mall)["X-AEG-Nonce"]
    Call.objects.create(key=PartnerKey.objects.get(), nonce=used, method="POST", path="/", status=200)

    def attempt(status: int, code: str, **changed: str) -> None:
        with no_trace():
            problem(send(mall, headers(mall) | changed), status, code)

    stale = {"X-AEG-Timestamp": old}
    attempt(401, "invalid_key", **stale, **{"X-AEG-Key": "ak_nobody"})
    attempt(403, "ip_not_allowed", **stale)
    Partner.objects.update(networks=["127.0.0.0/8"])
    attempt(401, "stale_timestamp", **stale)
    attempt(401, "invalid_signature", **{"X-AEG-Signature": "v2=" + "0" * 64})
    replayed = signed_with(mall, used)
    with no_trace():
        problem(send(mall, replayed), 401, "replayed_nonce")
    attempt(403, "scope_missing")
    PartnerKey.objects.update(scopes=["orders:write"])
    assert send(mall, headers(mall)).status_code == 201
    with no_trace():
        limited = send(mall, headers(mall))
        problem(limited, 429, "rate_limited")
    assert int(limited["Retry-After"]) > 0


def signed_with(mall: Mall, nonce: str) -> dict[str, str]:
    import hashlib
    import hmac

    stamp = str(int(clock.now().timestamp()))
    text = f"{stamp}\n{nonce}\nPOST\n{BASE}orders\n{hashlib.sha256(BODY).hexdigest()}"
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    return headers(mall) | {
        "X-AEG-Timestamp": stamp, "X-AEG-Nonce": nonce, "X-AEG-Signature": f"v2={signature}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("X-AEG-Key", "invalid_key"),
        ("X-AEG-Timestamp", "stale_timestamp"),
        ("X-AEG-Nonce", "invalid_signature"),
        ("X-AEG-Signature", "invalid_signature"),
    ],
)
def test_a_missing_header_is_refused(mall: Mall, name: str, code: str) -> None:
    sent = headers(mall)
    del sent[name]
    with no_trace():
        problem(send(mall, sent), 401, code)


@pytest.mark.parametrize(("seconds", "status"), [(-299, 200), (299, 200), (-302, 401), (302, 401)])
def test_a_clock_may_be_300_seconds_off_either_way(mall: Mall, seconds: int, status: int) -> None:
    now = clock.now()
    with clock.steered(lambda: now + timedelta(seconds=seconds)):
        sent = mall.headers("POST", BASE + "ping", b"")
    assert mall.send("POST", BASE + "ping", b"", sent).status_code == status


@pytest.mark.parametrize("nonce", ["short", "x" * 65, "has spaces in the middle", "umläut-umläut-umläut"])
def test_a_malformed_nonce_is_no_signature(mall: Mall, nonce: str) -> None:
    with no_trace():
        assert send(mall, signed_with(mall, nonce)).status_code == 401


@pytest.mark.parametrize("state", [{"revoked_at": True}, {"expires_at": True}])
def test_a_key_that_has_ended_is_refused(mall: Mall, state: dict[str, bool]) -> None:
    PartnerKey.objects.update(**dict.fromkeys(state, clock.now()))
    with no_trace():
        problem(send(mall, headers(mall)), 401, "invalid_key")


def test_every_live_key_works(mall: Mall) -> None:
    second = Mall(make_key(Partner.objects.get(slug="mall")).key_id)
    assert mall.call("POST", "ping").status_code == second.call("POST", "ping").status_code == 200


def test_the_older_scheme_works_where_it_is_switched_on_and_for_post_only(mall: Mall) -> None:
    import hashlib
    import hmac

    def older(method: str, body: bytes) -> dict[str, str]:
        sent = mall.headers(method, "", body)
        text = f"{sent['X-AEG-Timestamp']} {sent['X-AEG-Nonce']} ".encode() + body
        signature = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
        return sent | {"X-AEG-Signature": f"sha256={signature}", "Idempotency-Key": uuid.uuid4().hex}

    with no_trace():
        problem(send(mall, older("POST", BODY)), 401, "invalid_signature")
    Partner.objects.update(allows_sha256=True)
    assert send(mall, older("POST", BODY)).status_code == 201
    answer = mall.send("GET", BASE + "orders/o-1", b"", older("GET", b""))
    problem(answer, 401, "invalid_signature")


def test_a_bad_signature_does_not_use_up_its_nonce(mall: Mall) -> None:
    sent = headers(mall)
    problem(send(mall, sent | {"X-AEG-Signature": "v2=" + "0" * 64}), 401, "invalid_signature")
    assert send(mall, sent).status_code == 201
    problem(send(mall, sent), 401, "replayed_nonce")


def flipped(text: bytes, bit: int) -> bytes:
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits(mall: Mall) -> list[tuple[str, int]]:
    sent = headers(mall)
    signed = ("X-AEG-Timestamp", "X-AEG-Nonce", "X-AEG-Signature")
    lengths = {name: len(sent[name]) for name in signed} | {"body": len(BODY), "path": len("orders?x=1")}
    return [(where, bit) for where, length in lengths.items() for bit in range(length * 8)]


def send_flipped(mall: Mall, where: str, bit: int) -> Any:
    path, body = BASE + "orders?x=1", BODY
    sent = mall.headers("POST", path, body) | {"Idempotency-Key": uuid.uuid4().hex}
    if where == "body":
        body = flipped(body, bit)
    elif where == "path":
        path = BASE + flipped(b"orders?x=1", bit).decode("latin-1")
    else:
        sent[where] = flipped(sent[where].encode(), bit).decode("latin-1")
    return mall.send("POST", path, body, sent)


def check_flipped(mall: Mall, chosen: list[tuple[str, int]]) -> None:
    with no_trace():
        for where, bit in chosen:
            answer = send_flipped(mall, where, bit)
            assert answer.status_code == 401, (where, bit, answer.content)


def test_one_bit_changed_is_refused(mall: Mall) -> None:
    check_flipped(mall, random.Random(15).sample(bits(mall), 60))


@pytest.mark.prove
def test_every_single_bit_changed_is_refused(mall: Mall) -> None:
    check_flipped(mall, bits(mall))


def test_another_method_is_refused(mall: Mall) -> None:
    sent = mall.headers("POST", BASE + "orders/o-1", b"")
    with no_trace():
        problem(mall.send("GET", BASE + "orders/o-1", b"", sent), 401, "invalid_signature")


def test_another_partners_key_with_this_signature_is_refused(mall: Mall) -> None:
    other = make_mall("other")
    PartnerKey.objects.get(key_id=other.key_id).update(secret="another-secret-altogether")
    with no_trace():
        problem(send(mall, headers(mall) | {"X-AEG-Key": other.key_id}), 401, "invalid_signature")


def test_one_nonce_in_many_hands_is_taken_once(mall: Mall) -> None:
    sent = mall.headers("POST", BASE + "ping", b"")
    outcomes = run_together(*(lambda: in_own_thread(mall, "POST", "ping", **sent) for _ in range(8)))
    assert sorted(outcome.value.status_code for outcome in outcomes) == [200] + [401] * 7


def test_reading_is_limited_too(mall: Mall, settings: Any) -> None:
    Partner.objects.update(reads_a_minute=1, burst=2)
    statuses = [mall.get("members/buyer").status_code for _ in range(3)]
    assert statuses in ([200, 200, 429], [200, 200, 200] if not settings.REDIS_URL else [])


def test_reading_is_open_without_redis(mall: Mall, settings: Any) -> None:
    Partner.objects.update(reads_a_minute=1, burst=1)
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert [mall.get("members/buyer").status_code for _ in range(3)] == [200, 200, 200]


def test_writing_is_counted_exactly_by_all_together(mall: Mall) -> None:
    Partner.objects.update(writes_a_minute=1, burst=5)
    outcomes = run_together(*(lambda: in_own_thread(mall, "POST", "ping") for _ in range(12)))
    statuses = [outcome.value.status_code for outcome in outcomes]
    assert (statuses.count(200), statuses.count(429)) == (5, 7)


def test_the_log_says_what_became_of_each_call(mall: Mall) -> None:
    Call.objects.all().delete()
    mall.get("members/buyer")
    mall.get("members/nobody")
    send(mall, headers(mall) | {"X-AEG-Signature": "v2=" + "0" * 64})
    mall.call("POST", "orders", order(), key="k")
    mall.call("POST", "orders", order(), key="k")
    told = list(Call.objects.order_by("pk").values_list("status", "code"))
    assert told == [(200, ""), (404, "member_not_found"), (401, "invalid_signature"), (201, ""), (201, "")]


def test_ping_tells_what_was_hashed_and_the_usual_mistake(mall: Mall) -> None:
    sent = mall.headers("POST", BASE + "ping", b"{}")
    sent["X-AEG-Signature"] = mall.headers("POST", BASE + "ping", b"")["X-AEG-Signature"]
    answer = mall.send("POST", BASE + "ping", b"{}", sent)
    document = problem(answer, 401, "invalid_signature")
    assert document["string_to_sign"].split("\n")[2:4] == ["POST", BASE + "ping"]
    assert SECRET not in answer.content.decode()
    import hashlib
    import hmac

    text = f"{sent['X-AEG-Timestamp']}\n{sent['X-AEG-Nonce']}\nPOST\n{BASE}ping\n{hashlib.sha256(b'').hexdigest()}"
    sent["X-AEG-Signature"] = "v2=" + hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert "empty body" in mall.send("POST", BASE + "ping", b"{}", sent).json()["detail"]


def test_a_call_costs_few_queries(mall: Mall, django_assert_max_num_queries: Any) -> None:
    mall.get("members/buyer/balances")
    with django_assert_max_num_queries(6):
        mall.get("members/buyer/balances")
