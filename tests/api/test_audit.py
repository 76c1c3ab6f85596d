from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from aeghash.core import clock
from aeghash.core.actors import acting_as, command, person
from aeghash.core.models import AuditRow, AuditSeal, User
from aeghash.core.operations.record import record
from tests.api.conftest import Call, client_of, problem, queries_for
from tests.core.audit import trail
from tests.database import Owner
from tests.measuring import times_as_long
from tests.people import make_staff

pytestmark = pytest.mark.django_db

LIST, ME = "/api/v1/audit/", "/api/v1/users/me/"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def write(verb: str, by: User, of: User | None = None) -> AuditRow:
    with clock.steered(lambda: NOW), acting_as(person(by)), transaction.atomic():
        record(verb, of=of, before={"email": "old@example.com"}, after={"email": "new@example.com"}, reason="asked to")
    return AuditRow.objects.latest("id")


def test_a_row_as_it_is_shown(api: Client) -> None:
    user = User.objects.get()
    row = write("user.renamed", user, of=user)
    assert api.get(f"{LIST}?verb=user.renamed").json()["results"] == [
        {
            "id": row.pk,
            "number": None,
            "at": "2026-11-21T09:00:00Z",
            "actor_kind": "person",
            "actor_id": str(user.pk),
            "actor_label": "c***@example.com",
            "verb": "user.renamed",
            "object_type": "core.user",
            "object_id": str(user.pk),
            "before": {"email": "o***@example.com"},
            "after": {"email": "n***@example.com"},
            "reason": "asked to",
            "request_id": "",
        }
    ]


def test_a_sealed_row_shows_its_number(api: Client) -> None:
    """Sealed by hand: the sealer waits for the transactions of every test that runs beside this one."""
    row = write("user.renamed", User.objects.get())
    AuditSeal.objects.create(number=7, audit_id=row.pk, audit_transaction_id=row.transaction_id, hash=bytes(32))
    assert [found["number"] for found in api.get(f"{LIST}?verb=user.renamed").json()["results"]] == [7]


def test_filters(caller: Call) -> None:
    api, other = caller(name="caller"), make_staff("other")
    me = User.objects.get(name="caller")
    first, second = write("probe.first", me, of=other), write("probe.second", other)
    for query, found in {
        f"actor_id={other.pk}": [second],
        "verb=probe.first": [first],
        f"object_type=core.user&object_id={other.pk}": [first],
        "since=2026-11-21T09:00:00Z&before=2026-11-21T09:00:01Z": [second, first],
        "before=2026-11-21T09:00:00Z": [],
        "actor_kind=job": [],
        "request_id=x": [],
    }.items():
        assert [row["id"] for row in api.get(f"{LIST}?{query}").json()["results"]] == [row.pk for row in found], query


def test_support_sees_its_own_acts_alone(caller: Call) -> None:
    me, other = make_staff("me", "support"), make_staff("other", "support")
    mine, _theirs = write("probe.mine", me), write("probe.theirs", other)
    with acting_as(command("probe")), transaction.atomic():
        record("probe.of_a_command")
    api = client_of(me)
    assert [row["id"] for row in api.get(LIST).json()["results"]] == [mine.pk]
    assert api.get(f"{LIST}?actor_id={other.pk}").json()["results"] == []
    assert len(caller("operations").get(LIST).json()["results"]) > 3


def test_without_any_right_nothing_is_seen() -> None:
    problem(client_of(make_staff("nobody")).get(LIST), 403, "permission_denied")


def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(api: Client) -> None:
    user = User.objects.get()
    write("probe.first", user)
    one = queries_for(api, LIST)
    write("probe.second", user)
    write("probe.third", user)
    assert queries_for(api, LIST) == one <= 6


def test_the_trail_can_only_be_read(api: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        problem(getattr(api, method)(LIST), 405, "method_not_allowed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.prove)])
def test_a_long_trail_is_read_as_quickly_as_a_short_one(rows: int, api: Client, owner: Owner) -> None:
    """Whatever is asked for, and whether there is any of it. Measured in turns with a call that never changes."""
    user = User.objects.get()
    rare = write("probe.rare", user, of=user)
    questions = (
        "",
        "verb=probe.rare",
        "verb=probe.never_done",
        "verb=filler.done_a",
        "request_id=" + "0" * 32,
        f"actor_kind=person&actor_id={user.pk}",
        "actor_kind=partner",
        f"object_type={rare.object_type}&object_id={rare.object_id}",
        f"before={trail.LONG_AGO}",
        "since=2026-11-21T09:00:00Z&before=2026-11-21T09:00:01Z",
        "since=2100-01-01T00:00:00Z",
    )

    def slowness(asked: str) -> float:
        cache.clear()  # where calls are counted
        return times_as_long(lambda: got(api, f"{LIST}?{asked}"), lambda: got(api, ME))

    trail.fill(owner, 1000)
    short = {asked: slowness(asked) for asked in questions}
    trail.fill(owner, rows - 1000)
    growth = {asked: slowness(asked) / short[asked] for asked in questions}
    assert max(growth.values()) < 2, growth


def got(api: Client, path: str) -> None:
    assert api.get(path).status_code == 200
