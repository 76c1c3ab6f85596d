"""Passing faults of the database, real ones: what is tried again, what isn't, and what it may do twice."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from aeghash.core import clock
from aeghash.core.errors import Duplicate, TemporarilyUnavailable
from aeghash.core.models import Heartbeat
from aeghash.core.transactions import opens_one, with_db_retry
from tests.database import connect_beside
from tests.severing import severing_proxy
from tests.waiting import Running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def pauses() -> Iterator[list[float]]:
    slept: list[float] = []
    with clock.steered(sleeper=slept.append):
        yield slept


class Attempts:
    """An operation that fails as told, then succeeds."""

    def __init__(self, *faults: Callable[[], None]) -> None:
        self.faults = list(faults)
        self.made = 0

    def run(self) -> str:
        self.made += 1
        with transaction.atomic():
            Heartbeat.objects.get_or_create(name="once")
            if self.faults:
                self.faults.pop(0)()
                Heartbeat.objects.count()
        return "done"


def fails_with(state: str) -> Callable[[], None]:
    """PostgreSQL itself raises it, so that driver and Django wrap it as they always do."""

    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'told to' USING ERRCODE = '{state}'; END $$")

    return fail


@pytest.mark.parametrize("state", ["40001", "40P01", "53300", "57P01", "57P02", "57P03", "08000", "08006", "25P03"])
def test_a_passing_fault_is_tried_again(state: str, pauses: list[float]) -> None:
    operation = Attempts(fails_with(state), fails_with(state))
    assert with_db_retry()(operation.run)() == "done"
    assert operation.made == 3
    assert len(pauses) == 2
    assert Heartbeat.objects.count() == 1


def test_after_the_last_attempt_the_caller_is_told_to_come_back(pauses: list[float]) -> None:
    operation = Attempts(*[fails_with("40001")] * 9)
    with pytest.raises(TemporarilyUnavailable) as refusal:
        with_db_retry()(operation.run)()
    assert operation.made == 3
    assert len(pauses) == 2
    assert isinstance(refusal.value.__cause__, OperationalError)
    assert not Heartbeat.objects.exists()


@pytest.mark.parametrize("state", ["55P03", "57014", "53100"])
def test_where_patience_was_spent_it_is_not_spent_again(state: str, pauses: list[float]) -> None:
    operation = Attempts(fails_with(state))
    with pytest.raises(TemporarilyUnavailable):
        with_db_retry()(operation.run)()
    assert operation.made == 1
    assert pauses == []


@pytest.mark.parametrize(("state", "error"), [("23505", IntegrityError), ("22003", DataError)])
def test_a_fault_of_the_statement_is_raised_as_it_is(state: str, error: type[Exception]) -> None:
    operation = Attempts(fails_with(state))
    with pytest.raises(error):
        with_db_retry()(operation.run)()
    assert operation.made == 1


def test_a_refusal_is_an_answer_and_not_tried_again() -> None:
    def refuse() -> None:
        raise Duplicate

    operation = Attempts(refuse)
    with pytest.raises(Duplicate):
        with_db_retry()(operation.run)()
    assert operation.made == 1


def test_attempts_and_backoff_come_from_the_settings_unless_they_are_given(settings: Any, pauses: list[float]) -> None:
    settings.DATABASE_RETRY_ATTEMPTS = 5
    with pytest.raises(TemporarilyUnavailable):
        with_db_retry()(Attempts(*[fails_with("40001")] * 9).run)()
    with pytest.raises(TemporarilyUnavailable):
        with_db_retry(max_attempts=4, backoff_factor=10)(Attempts(*[fails_with("40001")] * 9).run)()
    assert len(pauses) == 4 + 3
    longest = [0.1, 0.2, 0.4, 0.8, 0.1, 1, 10]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_inside_somebodys_transaction_nothing_is_tried_again() -> None:
    operation = Attempts(fails_with("40001"))
    with pytest.raises(OperationalError), transaction.atomic():
        with_db_retry()(operation.run)()
    assert operation.made == 1


def test_one_retry_inside_another_does_not_multiply() -> None:
    operation = Attempts(*[fails_with("40001")] * 99)
    with pytest.raises(TemporarilyUnavailable):
        with_db_retry()(with_db_retry()(operation.run))()
    assert operation.made == 3


# Real faults, made by two parties.


@with_db_retry()
@opens_one()
def beat_both(first: str, second: str, met: threading.Barrier, attempts: list[str]) -> None:
    attempts.append(first)
    Heartbeat.objects.filter(name=first).update(beaten_at=clock.now())
    if attempts.count(first) == 1:
        met.wait(20)
    Heartbeat.objects.filter(name=second).update(beaten_at=clock.now())


def beat_in_opposite_order(beat: Callable[..., None]) -> list[str]:
    for name in ("a", "b"):
        Heartbeat.objects.create(name=name)
    met, attempts = threading.Barrier(2), list[str]()
    one = Running(lambda: beat("a", "b", met, attempts))
    other = Running(lambda: beat("b", "a", met, attempts))
    one.result()
    other.result()
    return attempts


def test_a_deadlock_of_two_ends_well_for_both() -> None:
    with clock.steered():  # with real pauses: without any, the two would soon meet again
        assert len(beat_in_opposite_order(beat_both)) >= 3


def test_and_kills_one_of_them_without_the_decorator() -> None:
    """The negative control of the one above."""
    with pytest.raises(OperationalError, match="deadlock"):
        beat_in_opposite_order(beat_both.__wrapped__)  # type: ignore[attr-defined]


def count_together(met: threading.Barrier, attempts: list[int]) -> None:
    """Each adds a row for the number of rows it saw: serially, nobody sees the same number twice."""
    attempts.append(1)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        count = Heartbeat.objects.count()
        if len(attempts) <= 2:
            met.wait(20)
        Heartbeat.objects.create(name=f"{threading.get_ident()} saw {count}")


def count_in_two_threads(count: Callable[..., None]) -> list[str]:
    met, attempts = threading.Barrier(2), list[int]()
    for thread in [Running(lambda: count(met, attempts)) for _ in range(2)]:
        thread.result()
    return sorted(name.rpartition(" ")[2] for name in Heartbeat.objects.values_list("name", flat=True))


def test_a_serialization_failure_is_tried_again() -> None:
    assert count_in_two_threads(with_db_retry()(count_together)) == ["0", "1"]


def test_and_is_an_error_without_the_decorator() -> None:
    """The negative control of the one above."""
    with pytest.raises(OperationalError, match="serialize"):
        count_in_two_threads(count_together)


@pytest.fixture
def kill() -> Iterator[Callable[[], None]]:
    """Ends this thread's connection from outside, as a restart would. Its own role may do that; the owner's may not."""
    with connect_beside("default") as other:

        def terminate() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                other.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())

        yield terminate


def test_a_connection_killed_in_the_middle_is_replaced(kill: Callable[[], None]) -> None:
    operation = Attempts(kill)
    assert with_db_retry()(operation.run)() == "done"
    assert operation.made == 2
    assert Heartbeat.objects.count() == 1


def test_and_is_an_error_to_whoever_does_not_try_again(kill: Callable[[], None]) -> None:
    """The negative control of the one above."""
    with pytest.raises(OperationalError):
        Attempts(kill).run()
    assert not Heartbeat.objects.exists()


def test_a_connection_killed_between_two_operations_is_replaced(kill: Callable[[], None]) -> None:
    Heartbeat.objects.create(name="before")
    kill()
    assert with_db_retry()(Attempts().run)() == "done"


def test_a_killed_connection_does_not_poison_what_comes_after_the_last_attempt(kill: Callable[[], None]) -> None:
    with pytest.raises(TemporarilyUnavailable):
        with_db_retry()(Attempts(kill, kill, kill).run)()
    assert not Heartbeat.objects.exists()


def test_an_empty_pool_is_a_passing_fault(settings: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    options = {**connection.settings_dict["OPTIONS"]["pool"], "max_size": 1, "timeout": 0.1}
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", options)
    try:
        with transaction.atomic():
            Heartbeat.objects.create(name="holds the only connection")
            with pytest.raises(TemporarilyUnavailable):
                Running(with_db_retry()(Attempts().run)).result()
        assert len(pauses) == 2
        connection.close()
        assert Running(with_db_retry()(Attempts().run)).result() == "done"
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


# The commit whose answer is lost: the row is there, and the caller sees an error.


@with_db_retry()
@opens_one()
def pay_once(reference: str, attempts: list[str]) -> str:
    """Has a natural key: it finds out what is done already."""
    attempts.append(reference)
    _payment, is_new = Heartbeat.objects.get_or_create(name=reference)
    return "paid" if is_new else "paid already"


@with_db_retry()
@opens_one()
def pay_again(reference: str, attempts: list[str]) -> None:
    """Has none: each attempt is a payment of its own."""
    attempts.append(reference)
    Heartbeat.objects.create(name=f"{reference}, attempt {len(attempts)}")


def test_a_commit_whose_answer_is_lost_has_its_effect_once() -> None:
    attempts: list[str] = []
    with severing_proxy() as proxy:
        Heartbeat.objects.count()
        proxy.sever_after = b"COMMIT"
        assert pay_once("order 7", attempts) == "paid already"
    assert (proxy.severed, attempts) == (1, ["order 7", "order 7"])
    assert [payment.name for payment in Heartbeat.objects.all()] == ["order 7"]


def test_and_twice_without_a_natural_key() -> None:
    """The negative control of the one above: the fault is real, and the decorator alone is no cure."""
    with severing_proxy() as proxy:
        Heartbeat.objects.count()
        proxy.sever_after = b"COMMIT"
        pay_again("order 7", [])
    assert Heartbeat.objects.count() == 2
