from typing import Any

import pytest
from django.core import signing
from django.test import Client

from aeghash.core import clock
from aeghash.core.models import Heartbeat
from tests.api.conftest import fields, problem

pytestmark = [pytest.mark.urls("tests.api.probes"), pytest.mark.django_db]

LIST = "/api/probe/heartbeats/"


@pytest.fixture
def beats() -> list[int]:
    """All of one instant: only the id tells which is newer."""
    return make_beats(10)


def make_beats(count: int, prefix: str = "beat") -> list[int]:
    now = clock.now()
    return [Heartbeat.objects.create(name=f"{prefix}-{number}", beaten_at=now).pk for number in range(count)]


def ids(document: dict[str, Any]) -> list[int]:
    return [row["id"] for row in document["results"]]


def test_pages_follow_each_other_newest_first_and_back(api: Client, beats: list[int]) -> None:
    first = api.get(f"{LIST}?page_size=4").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert [ids(page) for page in (first, second, third)] == [beats[9:5:-1], beats[5:1:-1], beats[1::-1]]
    assert first["previous"] is None
    assert third["next"] is None
    assert ids(api.get(third["previous"]).json()) == ids(second)
    back = api.get(second["previous"]).json()
    assert ids(back) == ids(first)
    assert back["previous"] is None
    assert ids(api.get(back["next"]).json()) == ids(second)


def test_rows_that_come_or_go_meanwhile_shift_nothing(api: Client, beats: list[int]) -> None:
    first = api.get(f"{LIST}?page_size=4").json()
    newer = make_beats(3, "newer")
    Heartbeat.objects.filter(pk__in=[beats[6], beats[4]]).delete()
    second = api.get(first["next"]).json()
    assert ids(second) == [beats[5], beats[3], beats[2], beats[1]]
    assert ids(api.get(second["previous"]).json()) == [newer[0], beats[9], beats[8], beats[7]]


def test_a_page_has_50_rows_and_at_most_200(api: Client) -> None:
    make_beats(210)
    assert len(api.get(LIST).json()["results"]) == 50
    assert len(api.get(f"{LIST}?page_size=200").json()["results"]) == 200
    assert len(api.get(f"{LIST}?page_size=100000").json()["results"]) == 200
    assert len(api.get(f"{LIST}?page_size={'9' * 5000}").json()["results"]) == 200


def test_an_empty_list(api: Client) -> None:
    assert api.get(LIST).json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", "１", "1e2", "000", "%00", "1_0"])
def test_a_page_size_that_is_none(api: Client, size: str) -> None:
    assert list(fields(problem(api.get(f"{LIST}?page_size={size}"), 400, "validation_error"))) == ["page_size"]


@pytest.mark.parametrize("cursor", ["", "x", "%00", "%FF", "%ED%A0%80", "a:b:c", "x" * 5000])
def test_a_cursor_that_is_none(api: Client, cursor: str) -> None:
    refused = problem(api.get(f"{LIST}?cursor={cursor}"), 400, "validation_error")
    assert fields(refused) == {"cursor": "bad_cursor"}


def test_a_cursor_that_somebody_made_or_took_from_elsewhere(api: Client, beats: list[int]) -> None:
    made = signing.dumps(["older", 10**30], key="guessed", salt=f"cursor of {LIST}")
    elsewhere = signing.dumps(["older", beats[3]], salt="cursor of /api/v1/audit/")
    good = api.get(f"{LIST}?page_size=2").json()["next"].partition("cursor=")[2].partition("&")[0]
    for cursor in (made, elsewhere, good[:-1], good.replace("W", "V", 1), good + "x"):
        problem(api.get(f"{LIST}?cursor={cursor}"), 400, "validation_error")


def test_filters_stay_with_the_pages(api: Client, beats: list[int]) -> None:
    late = Heartbeat.objects.get(pk=beats[0])
    late.beaten_at = clock.now()
    late.save()
    since = late.beaten_at.isoformat().replace("+00:00", "Z")
    page = api.get(LIST, {"since": since, "page_size": "1"}).json()
    assert (ids(page), page["next"]) == ([late.pk], None)
    assert "since=" in api.get(LIST, {"since": "2020-01-01T00:00:00Z", "page_size": "1"}).json()["next"]


@pytest.mark.parametrize(
    "value", ["yesterday", "2026-11-21", "2026-11-21T09:00:00", "%00", "2026-11-21T09:00:00+09:00"]
)
def test_a_filter_s_value_that_is_none(api: Client, value: str) -> None:
    """The last one is the classic: a plus sign in an address is a space."""
    assert list(fields(problem(api.get(f"{LIST}?since={value}"), 400, "validation_error"))) == ["since"]


def test_parameters_that_nobody_knows_or_that_come_twice(api: Client) -> None:
    refused = problem(
        api.get(f"{LIST}?sicne=1&since=2026-11-21T09:00:00Z&since=x&format=json"), 400, "validation_error"
    )
    assert fields(refused) == {
        "format": "unknown_parameter",
        "sicne": "unknown_parameter",
        "since": "repeated_parameter",
    }
    assert fields(problem(api.get("/api/probe/echo/?x=1"), 400, "validation_error")) == {"x": "unknown_parameter"}


def test_too_many_parameters(api: Client) -> None:
    problem(api.get(LIST + "?" + "&".join(f"a{number}=1" for number in range(1100))), 400, "bad_request")
