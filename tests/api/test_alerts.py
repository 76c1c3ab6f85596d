from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from aeghash.core.models import Alert, Severity, User
from tests.api.conftest import Call, fields, problem, queries_for

pytestmark = pytest.mark.django_db

LIST = "/api/v1/alerts/"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def make_alert(key: str = "probe", **fields: Any) -> Alert:
    given = {"key": key, "severity": Severity.WARNING, "sentence": "It happened.", "details": {"count": 1}}
    return Alert.objects.create(**given | {"first_seen_at": NOW, "last_seen_at": NOW} | fields)


def acknowledge(api: Client, alert: Alert, **body: Any) -> Any:
    return api.post(f"{LIST}{alert.pk}/acknowledge/", body, "application/json")


def test_an_alert_as_it_is_shown(api: Client) -> None:
    alert = make_alert()
    shown = {
        "id": alert.pk,
        "key": "probe",
        "severity": "warning",
        "sentence": "It happened.",
        "details": {"count": 1},
        "state": "open",
        "count": 1,
        "first_seen_at": "2026-11-21T09:00:00Z",
        "last_seen_at": "2026-11-21T09:00:00Z",
        "told_at": None,
        "acknowledged_at": None,
        "acknowledged_by": None,
    }
    assert api.get(f"{LIST}{alert.pk}/").json() == shown
    assert api.get(LIST).json()["results"] == [shown]


def test_filters(api: Client) -> None:
    first = make_alert("a", severity=Severity.CRITICAL)
    second = make_alert("b", last_seen_at=NOW + timedelta(hours=1))
    for query, found in {
        "severity=critical": [first],
        "key=b": [second],
        "seen_since=2026-11-21T09:00:01Z": [second],
        "seen_before=2026-11-21T09:00:01Z": [first],
        "state=open": [second, first],
        "state=acknowledged": [],
    }.items():
        assert [row["id"] for row in api.get(f"{LIST}?{query}").json()["results"]] == [row.pk for row in found], query
    assert fields(problem(api.get(f"{LIST}?severity=x"), 400, "validation_error")) == {"severity": "invalid_choice"}


def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(api: Client) -> None:
    by = User.objects.get()
    for key in "abc":
        make_alert(key, state="acknowledged", acknowledged_by=by, acknowledged_at=NOW)
        counted = queries_for(api, LIST)
        assert counted == queries_for(api, f"{LIST}?page_size=1") <= 6


def test_somebody_acknowledges_it_and_nobody_else_does(caller: Call) -> None:
    alert, first, second = make_alert(), caller("operations", name="first"), caller("sysadmin", name="second")
    with clock.steered(lambda: NOW):
        shown = acknowledge(first, alert).json()
    assert (shown["state"], shown["acknowledged_at"]) == ("acknowledged", "2026-11-21T09:00:00Z")
    assert shown["acknowledged_by"] == User.objects.get(name="first").pk
    assert acknowledge(first, alert).json() == shown
    problem(acknowledge(second, alert), 409, "invalid_state")
    assert first.get(f"{LIST}{alert.pk}/").json() == shown


def test_who_may_only_look_changes_nothing(caller: Call) -> None:
    alert, api = make_alert(), caller("support")
    before = Alert.objects.values().get()
    problem(acknowledge(api, alert), 403, "permission_denied")
    assert Alert.objects.values().get() == before
    assert api.get(LIST).status_code == 200


def test_an_acknowledgement_takes_no_fields(api: Client) -> None:
    alert = make_alert()
    refused = problem(acknowledge(api, alert, note="x"), 400, "validation_error")
    assert fields(refused) == {"note": "unknown_field"}
    assert Alert.objects.get().state == "open"


def test_an_alert_that_is_not_there(api: Client) -> None:
    problem(api.post(f"{LIST}4711/acknowledge/", {}, "application/json"), 404, "not_found")
    problem(api.get(f"{LIST}4711/"), 404, "not_found")
