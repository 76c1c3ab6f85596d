"""/api/v1/risk/"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from aeghash.core.models import AuditRow, User
from risk.models import KnownDevice, ListEntry
from risk.operations.evaluate import Subject
from tests.api.conftest import Call, fields, problem, queries_for
from tests.risk.contexts import NOW, context, decide, make_member, policy

pytestmark = pytest.mark.django_db

EVENTS, DEVICES, LISTS = (f"/api/v1/risk/{name}/" for name in ("events", "devices", "lists"))
BODY = {"kind": "blocked", "target": "ip", "value": "198.51.100.0/24", "note": "a botnet"}


def add(api: Client, **body: Any) -> Any:
    return api.post(LISTS, {**BODY, **body}, "application/json")


def test_an_event_as_it_is_shown(api: Client) -> None:
    version = policy(debt="review").version
    number = decide(context(make_member("kim"), debt=Decimal(3)), subject=Subject("withdrawal", "w-1")).event_id
    shown = {
        "id": number,
        "decision": "review",
        "policy_version": version,
        "uid": "kim",
        "asset": "USDT",
        "amount": "100",
        "address": "0x52908400098527886e0f7030069857d2e4169ee7",
        "ip": "203.0.113.9",
        "device_id": "device-1",
        "subject_kind": "withdrawal",
        "subject_id": "w-1",
        "findings": [
            {
                "rule": "debt", "severity": "review", "text": "The member owes 3 USDT.",
                "text_ko": "회원의 미수금이 3 USDT 있습니다.", "found": "3", "limit": "0",
            }
        ],
        "requested_at": "2026-11-21T09:00:00Z",
        "decided_at": "2026-11-21T09:00:00Z",
    }  # fmt: skip
    assert api.get(f"{EVENTS}{number}/").json() == shown
    assert api.get(EVENTS).json()["results"] == [shown]
    problem(api.get(f"{EVENTS}4711/"), 404, "not_found")


def test_events_are_filtered(api: Client) -> None:
    policy(debt="block")
    kim, lee = make_member("kim"), make_member("lee")
    first = decide(context(kim, debt=Decimal(1)), subject=Subject("withdrawal", "1")).event_id
    second = decide(context(lee), at=NOW + timedelta(hours=1)).event_id
    for query, numbers in {
        "decision=block": [first],
        "decision=allow": [second],
        "uid=lee": [second],
        "subject_kind=withdrawal&subject_id=1": [first],
        "decided_since=2026-11-21T09:00:01Z": [second],
        "decided_before=2026-11-21T09:00:01Z": [first],
        "": [second, first],
    }.items():
        assert [row["id"] for row in api.get(f"{EVENTS}?{query}").json()["results"]] == numbers, query
    assert fields(problem(api.get(f"{EVENTS}?decision=x"), 400, "validation_error")) == {"decision": "invalid_choice"}


def test_lists_cost_as_much_for_three_rows_as_for_one(api: Client) -> None:
    for number in range(3):
        member = make_member(f"m{number}")
        decide(context(member))
        assert add(api, value=f"198.51.{number}.0/24", uid=member.uid).status_code == 201
        for path in (EVENTS, DEVICES, LISTS):
            assert len(api.get(path).json()["results"]) == number + 1
            assert queries_for(api, path) == queries_for(api, f"{path}?page_size=1") <= 6


def test_whoever_may_not_see_personal_data_gets_masks(caller: Call, api: Client) -> None:
    decide(context(make_member("kim@example.com")))
    add(api, uid="kim@example.com")
    support = caller("support", name="support")
    said = "".join(support.get(path).content.decode() for path in (EVENTS, DEVICES, LISTS))
    for secret in ("kim@", "203.0.113.9", "0x52908400098527886e0f7030069857d2e4169ee7", "198.51.100.0/24"):
        assert secret not in said
    assert "k***@example.com" in said


def test_devices_with_their_members(api: Client) -> None:
    decide(context(make_member("kim")))
    (device,) = api.get(f"{DEVICES}?uid=kim&device_id=device-1").json()["results"]
    assert (device["uid"], device["device_id"], device["last_ip"], device["times_seen"]) == (
        "kim", "device-1", "203.0.113.9", 1,
    )  # fmt: skip
    assert KnownDevice.objects.get().pk == device["id"]
    assert api.get(f"{DEVICES}?uid=lee").json()["results"] == []


def test_an_entry_is_made_and_removed(api: Client) -> None:
    with clock.steered(lambda: NOW):
        made = add(api)
        assert made.status_code == 201
        shown = made.json()
        assert (shown["value"], shown["valid_from"], shown["valid_until"], shown["uid"]) == (
            "198.51.100.0/24", "2026-11-21T09:00:00Z", None, None,
        )  # fmt: skip
        problem(add(api), 409, "already_listed")
        removed = api.delete(f"{LISTS}{shown['id']}/")
    assert removed.status_code == 200
    assert (removed.json()["valid_until"], removed.json()["removed_at"]) == (
        "2026-11-22T09:00:00Z",
        "2026-11-21T09:00:00Z",
    )
    assert api.get(f"{LISTS}{shown['id']}/").json() == removed.json()
    assert api.get(f"{LISTS}?in_effect_at=2026-11-22T08:59:59Z").json()["results"] == [removed.json()]
    assert api.get(f"{LISTS}?in_effect_at=2026-11-22T09:00:00Z").json()["results"] == []
    assert {row.actor_id for row in AuditRow.objects.filter(verb__startswith="risk_list.")} == {
        str(User.objects.get(name="caller").pk)
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "grey"}, "kind"), ({"target": "dns"}, "target"), ({"value": "10.0.0.1/8"}, "value"),
        ({"value": ""}, "value"),
        ({"value": "x" * 129}, "value"), ({"value": 1}, "value"), ({"value": "a\u202eb"}, "value"), ({"note": ""}, "note"),
        ({"note": None}, "note"), ({"uid": "nobody"}, "uid"), ({"valid_until": "soon"}, "valid_until"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "valid_until"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_a_bad_entry_is_refused_by_its_field(api: Client, body: dict[str, Any], field: str) -> None:
    assert list(fields(problem(add(api, **body), 400, "validation_error"))) == [field]
    assert not ListEntry.with_deleted.exists()


def test_who_may_only_look_changes_nothing(caller: Call, api: Client) -> None:
    number = add(api).json()["id"]
    finance = caller("finance", name="finance")
    problem(add(finance, value="192.0.2.1"), 403, "permission_denied")
    problem(finance.delete(f"{LISTS}{number}/"), 403, "permission_denied")
    assert ListEntry.objects.get().pk == number
    problem(api.delete(f"{LISTS}4711/"), 404, "not_found")
