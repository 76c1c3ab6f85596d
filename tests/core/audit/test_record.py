"""What a row of the audit trail says, and when none is written."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from aeghash.core import clock
from aeghash.core.actors import Actor, ActorKind, NobodyActs, acting_as, job, person
from aeghash.core.models import AuditRow, User
from aeghash.core.operations.record import record

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def the_row() -> AuditRow:
    return AuditRow.objects.get()


def test_a_row_says_who_did_what_to_which_object_when_why_and_in_which_request() -> None:
    user = User.objects.create_user("kim@aeghash.example")
    with (
        clock.steered(lambda: NOON),
        structlog.contextvars.bound_contextvars(request_id="request-1"),
        acting_as(person(user)),
    ):
        record("user.locked", of=user, before={"is_active": True}, after={"is_active": False}, reason="left")
    row = the_row()
    assert (row.at, row.verb, row.object_type, row.object_id) == (NOON, "user.locked", "core.user", str(user.pk))
    assert (row.actor_kind, row.actor_id, row.actor_label) == ("person", str(user.pk), "k***@aeghash.example")
    assert (row.before, row.after) == ({"is_active": True}, {"is_active": False})
    assert (row.reason, row.request_id) == ("left", "request-1")


def test_a_row_names_the_transaction_it_came_with() -> None:
    with acting_as(job("test")):
        record("thing.done")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        assert the_row().transaction_id == int(cursor.fetchone()[0])


def test_the_stored_text_holds_every_column_and_is_the_databases_own() -> None:
    with acting_as(job("test")):
        record("thing.done", after={"amount": Decimal("1.50")})
    row = the_row()
    for word in ('"amount": "1.50"', '"verb": "thing.done"', f'"transaction_id": "{row.transaction_id}"', '"id": '):
        assert word in row.canonical


def test_fields_that_did_not_change_are_left_out() -> None:
    with acting_as(job("test")):
        record("thing.done", before={"a": 1, "b": 2, "c": 3}, after={"a": 1, "b": 5, "d": 4})
    assert (the_row().before, the_row().after) == ({"b": 2, "c": 3}, {"b": 5, "d": 4})


def test_a_changed_secret_shows_as_changed_and_as_nothing_else() -> None:
    with acting_as(job("test")):
        record("thing.done", before={"password": "old-one"}, after={"password": "new-one"}, reason="token=abcdef")
    row = the_row()
    assert (row.before, row.after) == ({"password": "***"}, {"password": "***"})
    assert not any(word in row.canonical for word in ("old-one", "new-one", "abcdef"))


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_recorded() -> None:
    with acting_as(job("test")), pytest.raises(TransactionManagementError):
        record("thing.done")
    assert not AuditRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_goes_with_the_act_that_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), acting_as(job("test")):
        record("thing.done")
        raise ZeroDivisionError
    assert not AuditRow.objects.exists()


def test_without_an_actor_nothing_is_recorded() -> None:
    with pytest.raises(NobodyActs):
        record("thing.done")
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("verb", ["", "done", "Thing.Done", "thing done", "thing."])
def test_a_verb_is_dotted_snake_case(verb: str) -> None:
    with acting_as(job("test")), pytest.raises(IntegrityError), transaction.atomic():
        record(verb)
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("actor", [Actor(ActorKind.JOB, ""), Actor("spirit", "1")])  # type: ignore[arg-type]
def test_an_actor_is_somebody_of_a_known_kind(actor: Actor) -> None:
    with acting_as(actor), pytest.raises(IntegrityError), transaction.atomic():
        record("thing.done")
    assert not AuditRow.objects.exists()


def test_recording_is_one_statement(django_assert_num_queries: Any) -> None:
    user = User.objects.create_user("kim@aeghash.example")
    with django_assert_num_queries(1), acting_as(person(user)):
        record("user.locked", of=user, after=user.dict())
