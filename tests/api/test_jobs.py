from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from aeghash.core import jobs
from aeghash.core.jobs import Lease, job
from aeghash.core.models import Job, JobState
from tests.api.conftest import Call, fields, problem, queries_for

pytestmark = pytest.mark.django_db

LIST = "/api/v1/jobs/"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    @job("probe.work", attempts=3)
    def work(_lease: Lease, *, number: int) -> None: ...

    yield
    jobs._kinds.pop("probe.work")


def make_job(state: JobState = JobState.DEAD, **fields: Any) -> Job:
    finished = NOW if state in (JobState.DONE, JobState.DEAD, JobState.GIVEN_UP) else None
    given = {"kind": "probe.work", "arguments": {"number": 7}, "state": state, "attempts": 3, "most_attempts": 3}
    given |= {"due_at": NOW, "created_at": NOW, "lease": timedelta(minutes=1), "finished_at": finished}
    return Job.objects.create(**given | fields)


def test_a_job_as_it_is_shown(api: Client) -> None:
    row = make_job(last_error="TimeoutError")
    shown = {
        "id": row.pk,
        "kind": "probe.work",
        "arguments": {"number": 7},
        "state": "dead",
        "attempts": 3,
        "most_attempts": 3,
        "due_at": "2026-11-21T09:00:00Z",
        "lease_until": None,
        "last_error": "TimeoutError",
        "schedule": None,
        "occurrence_at": None,
        "created_at": "2026-11-21T09:00:00Z",
        "finished_at": "2026-11-21T09:00:00Z",
    }
    assert api.get(f"{LIST}{row.pk}/").json() == shown
    assert api.get(LIST).json()["results"] == [shown]


def test_filters(api: Client) -> None:
    dead, done = make_job(), make_job(JobState.DONE, kind="probe.other", created_at=NOW - timedelta(days=1))
    for query, found in {
        "state=dead": [dead],
        "kind=probe.other": [done],
        "created_since=2026-11-21T09:00:00Z": [dead],
        "created_before=2026-11-21T09:00:00Z": [done],
        "state=queued": [],
        "": [done, dead],
    }.items():
        assert [row["id"] for row in api.get(f"{LIST}?{query}").json()["results"]] == [row.pk for row in found], query
    assert fields(problem(api.get(f"{LIST}?state=lost"), 400, "validation_error")) == {"state": "invalid_choice"}


def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(api: Client) -> None:
    make_job()
    one = queries_for(api, LIST)
    make_job()
    make_job()
    assert queries_for(api, LIST) == one <= 6


def test_a_dead_job_is_retried(api: Client) -> None:
    row = make_job()
    shown = api.post(f"{LIST}{row.pk}/retry/", {}, "application/json").json()
    assert (shown["state"], shown["most_attempts"], shown["finished_at"]) == ("queued", 6, None)


def test_a_job_is_given_up_for_a_reason(api: Client) -> None:
    row = make_job()
    refused = api.post(f"{LIST}{row.pk}/give-up/", {}, "application/json")
    assert fields(problem(refused, 400, "validation_error")) == {"reason": "required"}
    row.refresh_from_db()
    assert row.state == JobState.DEAD
    shown = api.post(f"{LIST}{row.pk}/give-up/", {"reason": "paid by hand"}, "application/json").json()
    assert shown["state"] == "given_up"


@pytest.mark.parametrize(("verb", "body"), [("retry", {}), ("give-up", {"reason": "x"})])
def test_a_job_that_is_done_stays_done(api: Client, verb: str, body: dict[str, str]) -> None:
    row = make_job(JobState.DONE)
    before = Job.objects.values().get()
    problem(api.post(f"{LIST}{row.pk}/{verb}/", body, "application/json"), 409, "invalid_state")
    assert Job.objects.values().get() == before


def test_a_job_that_an_older_release_left_behind_can_only_be_given_up(api: Client) -> None:
    row = make_job(kind="probe.forgotten")
    before = Job.objects.values().get()
    problem(api.post(f"{LIST}{row.pk}/retry/", {}, "application/json"), 409, "unknown_kind")
    assert Job.objects.values().get() == before
    given_up = api.post(f"{LIST}{row.pk}/give-up/", {"reason": "nobody does it"}, "application/json").json()
    assert given_up["state"] == "given_up"


@pytest.mark.parametrize(("verb", "body"), [("retry", {}), ("give-up", {"reason": "x"})])
def test_who_may_only_look_changes_nothing(caller: Call, verb: str, body: dict[str, str]) -> None:
    row = make_job()
    before = Job.objects.values().get()
    api = caller("support")
    problem(api.post(f"{LIST}{row.pk}/{verb}/", body, "application/json"), 403, "permission_denied")
    assert Job.objects.values().get() == before
    assert api.get(LIST).status_code == 200


@pytest.mark.parametrize(("verb", "body"), [("retry", {}), ("give-up", {"reason": "x"})])
def test_a_job_that_is_not_there(api: Client, verb: str, body: dict[str, str]) -> None:
    problem(api.post(f"{LIST}4711/{verb}/", body, "application/json"), 404, "not_found")
    problem(api.get(f"{LIST}4711/"), 404, "not_found")
