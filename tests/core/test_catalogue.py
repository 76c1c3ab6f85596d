"""The catalogue of invariants and the command that looks at it."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from aeghash.core import catalogue
from aeghash.core.catalogue import MOST_SHOWN, Invariant
from aeghash.core.models import Heartbeat, InvariantCheck
from aeghash.core.operations.check_invariants import NoSuchInvariant, check_invariants
from aeghash.core.snapshots import read_only_snapshot
from tests.core.audit.trail import run
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

NAMED_BAD = "SELECT id, name FROM heartbeats WHERE name LIKE 'bad%%' ORDER BY id"
T1 = Invariant("T1", "No heartbeat is bad.", NAMED_BAD)
T2 = Invariant("T2", "No heartbeat is worse.", "SELECT 'full' AS form", "SELECT 'since ' || %(since)s AS form")


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.entries()
    monkeypatch.setattr(catalogue, "_entries", {})
    catalogue.add(T1)


def test_what_holds_is_said_with_status_0() -> None:
    status, (finding,) = run("check_invariants")
    assert status == 0
    assert finding.pop("seconds") >= 0
    assert finding == {"id": "T1", "sentence": T1.sentence, "holds": True, "violations": [], "more": False}


def test_what_is_broken_is_named_row_by_row_with_status_1() -> None:
    bad = Heartbeat.objects.create(name="bad one")
    Heartbeat.objects.create(name="good one")
    status, (finding,) = run("check_invariants")
    assert (status, finding["violations"]) == (1, [{"id": bad.pk, "name": "bad one"}])
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=out)
    assert "T1 is broken" in out.getvalue()
    assert f"id {bad.pk}, name bad one" in out.getvalue()


def test_of_very_many_violations_some_are_shown() -> None:
    Heartbeat.objects.bulk_create([Heartbeat(name=f"bad {number}") for number in range(MOST_SHOWN + 1)])
    (finding,) = check_invariants()
    assert (len(finding.violations), finding.more) == (MOST_SHOWN, True)


def test_only_the_named_ones_are_looked_at() -> None:
    catalogue.add(T2)
    assert [finding.invariant.id for finding in check_invariants(only=["T1"])] == ["T1"]
    assert [finding.invariant.id for finding in check_invariants()] == ["T1", "T2"]


def test_an_unknown_one_is_refused_and_nothing_is_looked_at() -> None:
    with pytest.raises(NoSuchInvariant, match="X9"):
        check_invariants(only=["T1", "X9"])
    assert not InvariantCheck.objects.exists()
    assert run("check_invariants", "--only", "X9")[0] == 1


def test_an_id_names_one_invariant() -> None:
    catalogue.add(T1)
    with pytest.raises(ValueError, match="T1"):
        catalogue.add(Invariant("T1", "Another.", NAMED_BAD))


def test_the_form_since_the_watermark_is_taken_once_there_is_one() -> None:
    catalogue.add(T2)
    assert check_invariants(since_watermark=True)[1].violations == [{"form": "full"}]
    InvariantCheck.objects.create(invariant="T2", transaction_id=17)
    assert check_invariants(since_watermark=True)[1].violations == [{"form": "since 17"}]
    assert check_invariants()[1].violations == [{"form": "full"}]


def test_the_watermark_moves_with_what_holds_and_stays_with_what_does_not() -> None:
    catalogue.add(T2)
    InvariantCheck.objects.create(invariant="T1", transaction_id=3)
    InvariantCheck.objects.create(invariant="T2", transaction_id=3)
    check_invariants()
    marks = dict(InvariantCheck.objects.values_list("invariant", "transaction_id"))
    assert marks["T1"] > 3
    assert marks["T2"] == 3


def test_the_watermark_never_passes_a_transaction_that_still_runs(owner: Owner) -> None:
    with owner.transaction():
        (running,) = owner.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
        check_invariants()
        assert InvariantCheck.objects.get(invariant="T1").transaction_id <= running


def test_all_are_looked_at_as_of_one_instant_and_nothing_can_be_written(owner: Owner) -> None:
    with read_only_snapshot():
        owner.execute("INSERT INTO heartbeats (name, beaten_at) VALUES ('bad late one', now())")
        assert catalogue.look(T1).holds
        with pytest.raises(DatabaseError, match="read-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM heartbeats")
    assert not catalogue.look(T1).holds


def test_every_entry_of_the_product_can_be_asked_in_both_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    entries = catalogue.entries()
    assert "A1" in [entry.id for entry in entries]
    for entry in entries:
        assert catalogue.look(entry).holds
        assert catalogue.look(entry, since=3).holds


def test_the_fixture_for_tests_that_move_money_is_there(check_invariants_after: None) -> None:
    Heartbeat.objects.create(name="good")


def test_json_is_one_document() -> None:
    out = io.StringIO()
    call_command("check_invariants", "--json", stdout=out)
    assert isinstance(json.loads(out.getvalue()), list)
