"""The watermark: whatever order transactions commit in, each row is taken, and taken once."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from threading import Event
from typing import Any, ClassVar

import pytest
from django.apps.registry import Apps
from django.db import connection, models, transaction
from django.db.models import Max

from aeghash.core.models import TransactionStampedModel, Watermark
from aeghash.core.transactions import WrongTransaction
from aeghash.core.watermark import RestoredElsewhere, Window, consume, horizon
from tests.database import Owner
from tests.tables import made
from tests.waiting import Running, until, until_blocked


class Entry(TransactionStampedModel):
    writer = models.IntegerField(default=0)
    number = models.IntegerField(default=0)

    objects: ClassVar[models.Manager["Entry"]] = models.Manager()

    class Meta:
        apps = Apps()
        app_label = "core"
        db_table = "test_entries"

    def __str__(self) -> str:
        return f"{self.writer}/{self.number}"


class Total(models.Model):
    """What a consumer makes of the rows, in its own transaction."""

    entry = models.BigIntegerField()

    objects: ClassVar[models.Manager["Total"]] = models.Manager()

    class Meta:
        apps = Apps()
        app_label = "core"
        db_table = "test_totals"

    def __str__(self) -> str:
        return str(self.entry)


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), made(Entry, Total):
        yield


def take() -> list[int]:
    with consume("totals") as window:
        taken = list(window.of(Entry.objects.order_by("pk")).values_list("pk", flat=True))
        Total.objects.bulk_create([Total(entry=pk) for pk in taken])
    return taken


def take_until(count: int) -> list[int]:
    """Other databases of the same server hold the horizon back too, for as long as their transactions run."""
    taken: list[int] = []

    def enough() -> bool:
        taken.extend(take())
        return len(taken) >= count

    until(enough)
    return taken


def test_each_row_bears_the_transaction_that_inserted_it(owner: Owner) -> None:
    with transaction.atomic():
        first = Entry.objects.create()
        with transaction.atomic():
            nested = Entry.objects.create()
        many = Entry.objects.bulk_create([Entry(), Entry()])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (number,) = cursor.fetchone()
    assert {first.xid, nested.xid, *(entry.xid for entry in many)} == {number}
    assert Entry.objects.create().xid > number


def test_what_was_committed_is_taken_once_in_order() -> None:
    first = [Entry.objects.create().pk for _ in range(3)]
    assert take_until(3) == first
    second = Entry.objects.create().pk
    assert take_until(1) == [second]
    assert take() == []


def test_what_is_rolled_back_is_never_taken() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Entry.objects.create()
        raise ZeroDivisionError
    kept = Entry.objects.create().pk
    assert take_until(1) == [kept]


def late_writer(began: Event, may_commit: Event) -> None:
    with transaction.atomic():
        Entry.objects.create(writer=1)
        began.set()
        assert may_commit.wait(20)


def test_a_row_that_commits_after_younger_ones_is_not_lost() -> None:
    began, may_commit = Event(), Event()
    late = Running(lambda: late_writer(began, may_commit))
    assert began.wait(20)
    early = Entry.objects.create(writer=2)
    assert take() == []  # it waits for whoever began before
    may_commit.set()
    late.result()
    taken = take_until(2)
    assert taken == sorted(taken)
    assert taken[-1] == early.pk


def test_and_would_be_lost_by_the_highest_id() -> None:
    """The negative control of the one above."""
    began, may_commit = Event(), Event()
    late = Running(lambda: late_writer(began, may_commit))
    assert began.wait(20)
    Entry.objects.create(writer=2)
    highest = Entry.objects.aggregate(id=Max("id"))["id"]
    may_commit.set()
    late.result()
    assert Entry.objects.count() == 2
    assert not Entry.objects.filter(id__gt=highest).exists()


def test_what_a_consumer_wrote_and_its_watermark_commit_together() -> None:
    entry = Entry.objects.create()
    until(lambda: horizon() > entry.xid)
    with pytest.raises(ZeroDivisionError), consume("totals") as window:
        Total.objects.create(entry=window.of(Entry.objects.all()).get().pk)
        raise ZeroDivisionError
    assert not Total.objects.exists()
    assert not Watermark.objects.exists()
    assert take_until(1) == [entry.pk]


def test_two_consumers_do_not_disturb_each_other() -> None:
    entry = Entry.objects.create()
    until(lambda: horizon() > entry.xid)
    for name in ("one", "another"):
        with consume(name) as window:
            assert [each.pk for each in window.of(Entry.objects.all())] == [entry.pk]


def hold_while_another_takes(owner: Owner) -> list[list[int]]:
    entry = Entry.objects.create()
    until(lambda: horizon() > entry.xid)
    with consume("totals") as window:
        mine = [each.pk for each in window.of(Entry.objects.all())]
        another = Running(take)
        until_blocked(owner)
    return [mine, another.result()]  # type: ignore[list-item]


def test_the_second_of_one_name_waits_and_finds_what_came_after(owner: Owner) -> None:
    with consume("totals"):
        pass
    mine, anothers = hold_while_another_takes(owner)
    assert [len(mine), len(anothers)] == [1, 0]


def test_also_when_both_are_the_first_ever(owner: Owner) -> None:
    mine, anothers = hold_while_another_takes(owner)
    assert [len(mine), len(anothers)] == [1, 0]


def test_without_the_lock_both_would_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the two above."""
    with consume("totals"):
        pass
    entry = Entry.objects.create()
    until(lambda: horizon() > entry.xid)
    monkeypatch.setattr(
        "aeghash.core.watermark._locked_position", lambda name: Watermark.objects.get(name=name).position
    )
    with consume("totals") as window:
        mine = [each.pk for each in window.of(Entry.objects.all())]
        assert Running(take).result() == mine == [entry.pk]


def test_it_is_not_opened_inside_anothers_transaction() -> None:
    with transaction.atomic(), pytest.raises(WrongTransaction):
        consume("totals").__enter__()
    assert not Watermark.objects.exists()


def test_a_watermark_from_another_clusters_future_is_refused() -> None:
    Watermark.objects.create(name="totals", position=10**15)
    Entry.objects.create()
    with pytest.raises(RestoredElsewhere, match="totals"):
        take()
    assert Watermark.objects.get().position == 10**15
    assert not Total.objects.exists()


def test_the_database_keeps_a_position_from_turning_negative(owner: Owner) -> None:
    assert Window(start=5, end=7).of(Entry.objects.all()).count() == 0
    with pytest.raises(Exception, match="watermarks_position_not_negative"):
        owner.execute("INSERT INTO watermarks (name, position, moved_at) VALUES ('x', -1, now())")


def write(writer: int, transactions: int) -> None:
    """Transactions of random length, some of several rows and savepoints, some rolled back."""
    chance = random.Random(writer)
    for number in range(transactions):
        with transaction.atomic():
            Entry.objects.create(writer=writer, number=number)
            time.sleep(chance.choice([0, 0, 0.001, 0.004, 0.02]))
            with transaction.atomic():
                Entry.objects.create(writer=writer, number=number)
            transaction.set_rollback(chance.random() < 0.1)


class HighestId:
    """The consumer that everybody writes first."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.highest = 0

    def take(self) -> None:
        new = Entry.objects.filter(pk__gt=self.highest).values_list("pk", flat=True)
        self.seen.update(new)
        self.highest = max(self.seen, default=0)


def consume_while_writing(*, writers: int, transactions: int, consumers: int) -> HighestId:
    threads = [Running(lambda writer=writer: write(writer, transactions)) for writer in range(writers)]  # type: ignore[misc]
    control = HighestId()
    while any(thread.is_alive() for thread in threads):
        for consumer in [Running(take) for _ in range(consumers)]:
            consumer.result()
        control.take()
    for thread in threads:
        thread.result()
    last = Entry.objects.latest("xid").xid
    until(lambda: horizon() > last)
    take()
    control.take()
    return control


def missed_by_highest_id(*, transactions: int) -> int:
    control = consume_while_writing(writers=8, transactions=transactions, consumers=2)
    entries = set(Entry.objects.values_list("pk", flat=True))
    taken = Counter(Total.objects.values_list("entry", flat=True))
    assert set(taken) == entries
    assert set(taken.values()) == {1}
    return len(entries - control.seen)


def test_eight_writers_of_random_length_are_taken_completely_and_once() -> None:
    missed_by_highest_id(transactions=40)


@pytest.mark.prove
def test_eight_writers_with_a_thousand_transactions_each_and_what_the_highest_id_misses() -> None:
    assert missed_by_highest_id(transactions=1000) > 0
