"""Sealing behind the commit: no gap, no fork, nothing missed, whoever runs or dies meanwhile."""

import contextlib
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from aeghash.core.actors import acting_as, job
from aeghash.core.models import AuditHorizon, AuditRow, AuditSeal
from aeghash.core.operations import seal_audit as sealing
from aeghash.core.operations.record import record
from aeghash.core.operations.seal_audit import AnotherClustersTrail, seal_audit
from tests.core.audit.trail import (
    flaws,
    seal_everything,
    sealed_trail,
    tampering,
    wait_until_nobody_is_before,
    write_rows,
)
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

SLOW_ROW = (
    "INSERT INTO audit_rows (at, actor_kind, actor_id, actor_label, verb, object_type, object_id, before, after, \
reason, request_id) VALUES (now(), 'job', 'slow', '', 'thing.done', '', '', '{}', '{}', '', '')"
)


def numbers() -> list[int]:
    return list(AuditSeal.objects.order_by("number").values_list("number", flat=True))


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """What each returned, or the exception it died of."""

    def alone(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(alone, works))


def test_rows_get_numbers_without_a_gap_in_the_order_of_their_transactions() -> None:
    sealed_trail(3)
    sealed_trail(2)
    assert numbers() == [1, 2, 3, 4, 5]
    order = list(AuditSeal.objects.order_by("number").values_list("audit_id", flat=True))
    assert order == list(AuditRow.objects.order_by("transaction_id", "id").values_list("id", flat=True))
    assert flaws() == []


def test_numbers_have_no_gap_where_ids_have_one() -> None:
    write_rows(1)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), acting_as(job("test")):
        record("thing.done")
        raise ZeroDivisionError
    sealed_trail(1)
    assert numbers() == [1, 2]


def test_sealing_again_changes_nothing() -> None:
    sealed_trail(2)
    before = list(AuditSeal.objects.order_by("number").values_list())
    assert seal_audit() == 0
    assert list(AuditSeal.objects.order_by("number").values_list()) == before


def test_more_than_a_batch_is_sealed_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    write_rows(7)
    wait_until_nobody_is_before(AuditRow.objects.latest("transaction_id").transaction_id)
    assert seal_audit() == 7
    assert flaws() == []


def test_a_row_waits_for_every_older_transaction(owner: Owner) -> None:
    with owner.transaction():
        owner.execute(SLOW_ROW)
        write_rows(2)
        assert seal_audit() == 0
    seal_everything()
    assert AuditRow.objects.get(pk=AuditSeal.objects.get(number=1).audit_id).actor_id == "slow"
    assert flaws() == []


def test_negative_control_a_watermark_of_ids_loses_the_row_of_a_slow_transaction(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = "SELECT id, transaction_id, canonical FROM audit_rows WHERE (%s, %s) IS NOT NULL AND id > {} \
             AND %s IS NOT NULL ORDER BY id LIMIT %s"
    with owner.transaction():
        owner.execute(SLOW_ROW)
        write_rows(2)
        monkeypatch.setattr(sealing, "SEALABLE", by_id.format(0))
        assert seal_audit() == 2
    monkeypatch.setattr(sealing, "SEALABLE", by_id.format(AuditSeal.objects.get(number=2).audit_id))
    assert seal_audit() == 0
    assert AuditRow.objects.count() == 3


@pytest.fixture
def both_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sealer waits after reading for the other to have read too, or for as long as that may take."""
    meeting, read = threading.Barrier(2), sealing.sealable

    def read_and_wait(*arguments: Any) -> Any:
        rows = read(*arguments)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)
        return rows

    monkeypatch.setattr(sealing, "sealable", read_and_wait)


def test_two_sealers_at_once_make_one_chain(both_have_read: None) -> None:
    write_rows(20)
    wait_until_nobody_is_before(AuditRow.objects.latest("transaction_id").transaction_id)
    assert sorted(in_threads(seal_audit, seal_audit)) == [0, 20]
    assert numbers() == list(range(1, 21))
    assert flaws() == []


def test_negative_control_without_the_lock_they_give_the_same_numbers(
    both_have_read: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(20)
    wait_until_nobody_is_before(AuditRow.objects.latest("transaction_id").transaction_id)
    monkeypatch.setattr(sealing, "lock_horizon", AuditHorizon.objects.get)
    outcomes = in_threads(seal_audit, seal_audit)
    assert [type(outcome) for outcome in outcomes if outcome != 20] == [IntegrityError]
    assert numbers() == list(range(1, 21)), "the primary key stands behind the lock"


def writer(name: str, count: int) -> Callable[[], None]:
    def write() -> None:
        chance = random.Random(name)
        for number in range(count):
            with acting_as(job(name)), transaction.atomic():
                record("thing.done", after={"number": number})
                if chance.random() < 0.2:
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [chance.random() / 50])

    return write


class MortalSealer:
    """Seals until told to stop; its connection is killed in the middle of chosen batches."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, deaths_at: set[int]) -> None:
        self.done, self.batches, self.deaths = threading.Event(), 0, 0
        self.deaths_at, self.put = deaths_at, sealing.put_seals
        monkeypatch.setattr(sealing, "put_seals", self.put_and_perhaps_die)
        monkeypatch.setattr(sealing, "BATCH", 40)

    def put_and_perhaps_die(self, rows: list[sealing.Row], last: AuditSeal | None) -> None:
        self.put(rows, last)
        self.batches += bool(rows)
        if rows and self.batches in self.deaths_at:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def work(self) -> None:
        while not self.done.is_set():
            try:
                seal_audit()
            except OperationalError:
                self.deaths += 1
                connections.close_all()


def prove_writers(monkeypatch: pytest.MonkeyPatch, *, each: int) -> None:
    sealer = MortalSealer(monkeypatch, deaths_at={2, 5})
    thread = threading.Thread(target=lambda: in_threads(sealer.work))
    thread.start()
    outcomes = in_threads(*(writer(f"writer {number}", each) for number in range(8)))
    sealer.done.set()
    thread.join()
    seal_everything()
    assert outcomes == [None] * 8
    assert sealer.deaths == 2
    assert numbers() == list(range(1, 8 * each + 1))
    assert AuditSeal.objects.values("audit_id").distinct().count() == 8 * each
    assert flaws() == []


def test_eight_writers_while_the_sealer_is_killed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_writers(monkeypatch, each=60)


@pytest.mark.prove
def test_eight_writers_of_five_hundred_while_the_sealer_is_killed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_writers(monkeypatch, each=500)


@pytest.fixture
def from_a_dump(owner: Owner) -> None:
    sealed_trail(1)
    with tampering(owner):
        owner.execute("UPDATE audit_seals SET audit_transaction_id = '9000000000000'")


def test_a_trail_whose_transactions_lie_ahead_of_the_server_is_not_sealed_on(from_a_dump: None) -> None:
    write_rows(1)
    with pytest.raises(AnotherClustersTrail, match="9000000000000"):
        seal_audit()
    assert numbers() == [1]
