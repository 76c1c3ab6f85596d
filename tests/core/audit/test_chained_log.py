"""A log per object, chained under the object's lock: no row can be changed, dropped, slipped in or moved unseen."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, connections, models, transaction
from django.test.utils import isolate_apps

from aeghash.core.database_rights import rights_on, statements
from aeghash.core.models import ChainedLog, User
from aeghash.core.models.chained_log import flaws
from tests.core.audit.trail import tampering
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

with isolate_apps("aeghash.core"):

    class ThingLog(ChainedLog):
        """A stand-in for the logs that apps keep: it belongs to no app and has its table in these tests only."""

        chain_of: ClassVar[str] = "thing"

        thing = models.BigIntegerField()
        action = models.CharField(max_length=20)
        amount = models.DecimalField(max_digits=38, decimal_places=18, default=0)
        findings = models.JSONField(default=dict)

        objects: ClassVar["models.Manager[ThingLog]"]

        class Meta(ChainedLog.Meta):
            app_label = "core"
            db_table = "thing_logs"

        def __str__(self) -> str:
            return self.action


@pytest.fixture(autouse=True)
def table(owner: Owner) -> Iterator[None]:
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(ThingLog)
    triggers = [trigger.compile(ThingLog).install_sql for trigger in ThingLog._meta.triggers]  # type: ignore[attr-defined]
    rights = statements("thing_logs", rights_on(ThingLog), settings.DATABASES["default"]["USER"])
    for statement in (*editor.collected_sql, *triggers, *rights):
        owner.execute(statement)
    yield
    owner.execute("DROP TABLE thing_logs")


def log(thing: int, *actions: str) -> None:
    for action in actions:
        ThingLog.objects.create(thing=thing, action=action, amount="1.5", findings={"rule": action})


def broken() -> list[tuple[str, str]]:
    return [(chain, flaw) for chain, _id, flaw in flaws(ThingLog)]


def test_each_object_has_a_chain_of_its_own() -> None:
    log(1, "requested", "approved")
    log(2, "requested")
    log(1, "submitted")
    rows = list(ThingLog.objects.filter(thing=1).order_by("id"))
    assert [bytes(row.previous_hash) for row in rows[1:]] == [bytes(row.hash) for row in rows[:-1]]
    first, other = rows[0], ThingLog.objects.get(thing=2)
    assert bytes(first.previous_hash) != bytes(other.previous_hash)
    assert flaws(ThingLog) == []


def test_rows_of_one_transaction_follow_each_other() -> None:
    with transaction.atomic():
        log(1, "requested", "flagged", "approved")
    assert flaws(ThingLog) == []


def test_no_writer_can_state_a_link_of_its_own() -> None:
    log(1, "requested")
    ThingLog.objects.create(thing=1, action="approved", previous_hash=b"x" * 32, hash=b"y" * 32, canonical="forged")
    assert flaws(ThingLog) == []


@pytest.mark.parametrize(
    ("corruption", "expected"),
    [
        ("UPDATE thing_logs SET amount = 2 WHERE id = 2", [("1", "its columns are not what its text says")]),
        (
            "UPDATE thing_logs SET findings = '{}' WHERE id = 2; "
            "UPDATE thing_logs AS log SET canonical = canonical_text(log) WHERE id = 2",
            [("1", "its hash is not that of its text")],
        ),
        ("DELETE FROM thing_logs WHERE id = 2", [("1", "does not follow the row before it")]),
        ("DELETE FROM thing_logs WHERE id = 1", [("1", "does not follow the row before it")]),
        ("UPDATE thing_logs SET thing = 2 WHERE id = 3", [("2", "does not follow the row before it")]),
        ("UPDATE thing_logs SET thing = 2", [("2", "does not follow the row before it")]),
    ],
)
def test_what_was_done_to_a_row_is_named(owner: Owner, corruption: str, expected: list[tuple[str, str]]) -> None:
    log(1, "requested", "approved", "submitted")
    with tampering(owner):
        owner.execute(corruption.encode())
    assert broken()[: len(expected)] == expected


@pytest.mark.parametrize("change", ["UPDATE thing_logs SET thing = 1", "DELETE FROM thing_logs", "TRUNCATE thing_logs"])
def test_rows_are_written_once(owner: Owner, change: str) -> None:
    log(1, "requested")
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(change.encode())
    assert ThingLog.objects.get().thing == 1
    assert flaws(ThingLog) == []


def race(*, lock: bool) -> list[Exception]:
    """Eight writers of one object's log, who look up the last row at the same moment."""
    holder = User.objects.create_user("holder@aeghash.example")
    start = threading.Barrier(8)
    errors: list[Exception] = []

    def write() -> None:
        start.wait()
        try:
            with transaction.atomic():
                if lock:
                    User.objects.select_for_update().get(pk=holder.pk)
                log(1, "requested", "approved")
        except IntegrityError as error:
            errors.append(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: write(), range(8)))
    return errors


def test_writers_who_hold_the_objects_lock_make_one_chain() -> None:
    assert race(lock=True) == []
    assert ThingLog.objects.count() == 16
    assert flaws(ThingLog) == []


def test_negative_control_without_the_lock_some_are_refused_but_the_chain_never_forks() -> None:
    errors = race(lock=False)
    assert errors
    assert ThingLog.objects.count() == 2 * (8 - len(errors))
    assert flaws(ThingLog) == []
