"""Schedules: each occurrence once, whatever the clock, the ticks and their deaths do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction

from aeghash.core.checkpoints import hooked
from aeghash.core.models import Alert, Job, Missed, Schedule, User
from aeghash.core.operations.change_schedule import change_schedule
from aeghash.core.operations.enqueue import enqueue_occurrence
from aeghash.core.operations.start_due_schedules import start_due_schedules
from aeghash.core.recurrence import BadCron, BadZone
from aeghash.core.schedules import _declared, declare_schedule, write_declared_schedules
from tests.core import job_kinds  # noqa: F401 - registers them
from tests.core.steering import NOON, Time, steered_time
from tests.database import Owner
from tests.races import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def time() -> Iterator[Time]:
    with steered_time() as time:
        yield time


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ops@example.com")


def make(cron: str = "*/10 * * * *", **fields: Any) -> Schedule:
    fields = {"name": f"test {cron}", "kind": "test.nothing", "missed": Missed.CATCH_UP, "next_run_at": NOON} | fields
    return Schedule.objects.create(cron=cron, **fields)


def started() -> list[datetime]:
    return list(Job.objects.order_by("occurrence_at").values_list("occurrence_at", flat=True))  # type: ignore[arg-type]


def minutes(*numbers: int) -> list[datetime]:
    return [NOON + timedelta(minutes=number) for number in numbers]


def test_an_occurrence_that_has_come_is_a_job(time: Time) -> None:
    schedule = make(arguments={})
    assert start_due_schedules() == 1
    job = Job.objects.get()
    assert (job.kind, job.schedule, job.occurrence_at, job.due_at) == ("test.nothing", schedule, NOON, NOON)
    schedule.refresh_from_db()
    assert (schedule.last_run_at, schedule.next_run_at) == (NOON, NOON + timedelta(minutes=10))
    assert start_due_schedules() == 0


def test_a_new_schedule_starts_with_its_next_occurrence(time: Time) -> None:
    schedule = make(next_run_at=None)
    assert start_due_schedules() == 0
    schedule.refresh_from_db()
    assert schedule.next_run_at == NOON + timedelta(minutes=10)


def test_what_was_missed_is_caught_up_occurrence_by_occurrence(time: Time) -> None:
    make()
    time.goes_on(minutes=35)
    start_due_schedules()
    assert started() == minutes(0, 10, 20, 30)


@pytest.mark.parametrize(
    ("late", "expected"), [(4, [0]), (6, []), (12, [10]), (19, []), (600, [600]), (60 * 24 * 400 + 3, [60 * 24 * 400])]
)
def test_what_was_missed_is_skipped_but_for_the_fresh(time: Time, late: int, expected: list[int]) -> None:
    schedule = make(missed=Missed.SKIP)
    time.goes_on(minutes=late)
    start_due_schedules()
    assert started() == minutes(*expected)
    schedule.refresh_from_db()
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > time.now


def test_of_several_fresh_ones_the_last_counts_when_skipping(time: Time) -> None:
    make("* * * * *", missed=Missed.SKIP)
    time.goes_on(minutes=4)
    start_due_schedules()
    assert started() == minutes(4)


def test_a_long_absence_is_caught_up_in_parts(time: Time) -> None:
    make("* * * * *")
    time.goes_on(minutes=1500)
    assert [start_due_schedules() for _ in range(3)] == [1000, 501, 0]
    assert started() == minutes(*range(1501))


@pytest.mark.parametrize("step", [-60, 60])
def test_a_clock_that_steps_an_hour_repeats_nothing(time: Time, step: int) -> None:
    make()
    for minute in range(180):
        time.now = NOON + timedelta(minutes=minute + (step if 60 <= minute < 120 else 0))
        start_due_schedules()
    assert started() == minutes(*range(0, 180, 10))


def test_a_zone_whose_clock_springs_and_repeats(time: Time) -> None:
    make("30 1,2 * * *", zone="America/New_York", next_run_at=None)
    for half_day in range(600):
        time.now = NOON + timedelta(days=half_day / 2)
        start_due_schedules()
    days = [moment.astimezone(UTC).date() for moment in started()]
    assert len(started()) == len(set(started()))
    assert {days.count(day) for day in days[1:-1]} == {2}


def test_one_that_is_off_starts_nothing(time: Time) -> None:
    make(enabled=False)
    assert start_due_schedules() == 0
    assert not Job.objects.exists()


def test_one_that_can_not_be_started_alerts_and_holds_up_none(time: Time) -> None:
    broken = make("0 * * * *", kind="test.unheard_of")
    make()
    time.goes_on(seconds=5)
    assert start_due_schedules() == 1
    start_due_schedules()
    alert = Alert.objects.get()
    assert (alert.key, alert.count) == (f"schedule:{broken.pk}", 2)


# -- many ticks


@pytest.mark.django_db(transaction=True)
def test_ticks_at_one_instant_start_each_occurrence_once(time: Time) -> None:
    for number in range(5):
        make(name=str(number))
    time.goes_on(minutes=30)
    outcomes = run_together(*[start_due_schedules] * 4)
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert started() == sorted(minutes(0, 10, 20, 30) * 5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["schedule: occurrence written", "schedule: before commit"])
def test_a_tick_that_dies_in_the_middle_has_done_nothing(time: Time, place: str) -> None:
    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == place:
            raise Died

    make()
    time.goes_on(minutes=15)
    with hooked(die), pytest.raises(Died):
        start_due_schedules()
    assert started() == []
    start_due_schedules()
    assert started() == minutes(0, 10)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_refuses_a_second_job(time: Time) -> None:
    schedule = make()
    with transaction.atomic():
        enqueue_occurrence(schedule=schedule, occurrence_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        enqueue_occurrence(schedule=schedule, occurrence_at=NOON)
    assert started() == [NOON]


# -- people


def test_a_change_counts_from_now_on(time: Time, person: User) -> None:
    schedule = make()
    time.goes_on(minutes=35)
    changed = change_schedule(
        schedule_id=schedule.pk, by=person, cron="0 9 * * *", zone="Asia/Seoul", missed=Missed.SKIP, enabled=True
    )
    assert changed.next_run_at == datetime(2026, 3, 2, tzinfo=UTC)
    start_due_schedules()
    assert started() == []


def test_a_change_while_the_clock_is_behind_repeats_nothing(time: Time, person: User) -> None:
    schedule = make()
    start_due_schedules()
    time.goes_on(hours=-1)
    same = {"cron": schedule.cron, "zone": schedule.zone, "missed": Missed.CATCH_UP, "enabled": True}
    changed = change_schedule(schedule_id=schedule.pk, by=person, **same)  # type: ignore[arg-type]
    assert changed.next_run_at == NOON + timedelta(minutes=10)


@pytest.mark.parametrize(("change", "refusal"), [({"cron": "60 * * * *"}, BadCron), ({"zone": "Seoul"}, BadZone)])
def test_a_change_that_can_not_be_read_changes_nothing(
    person: User, change: dict[str, str], refusal: type[Exception]
) -> None:
    schedule = make()
    fields: dict[str, Any] = {"cron": "0 9 * * *", "zone": "UTC", "missed": Missed.SKIP, "enabled": False} | change
    with pytest.raises(refusal):
        change_schedule(schedule_id=schedule.pk, by=person, **fields)
    now = Schedule.objects.filter(pk=schedule.pk)
    assert now.filter(cron="*/10 * * * *", zone="UTC", missed="catch_up", enabled=True, next_run_at=NOON).exists()


def test_a_form_tells_which_field_can_not_be_read() -> None:
    with pytest.raises(ValidationError) as problem:
        Schedule(name="x", kind="test.nothing", cron="every day", zone="Seoul").full_clean()
    assert set(problem.value.message_dict) == {"cron", "zone"}


def test_the_application_may_not_delete_a_schedule(owner: Owner) -> None:
    rights = owner.execute("SELECT has_table_privilege('aeghash_app', 'schedules', 'DELETE')").fetchone()
    assert rights == (False,)


# -- what the code brings along


def test_the_products_own_are_there_after_migrate() -> None:
    assert Schedule.objects.filter(name="core.purge_jobs", kind="core.purge_jobs").exists()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_what_staff_have_edited_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    Schedule.objects.filter(name="core.purge_jobs").update(cron="0 0 * * *", enabled=False)
    monkeypatch.setattr("aeghash.core.schedules._declared", dict(_declared))
    declare_schedule("test.new", kind="test.nothing", cron="0 1 * * *", missed=Missed.SKIP)
    for _ in range(2):
        write_declared_schedules(using="owner")
    connections["owner"].close()
    assert Schedule.objects.filter(name="core.purge_jobs", cron="0 0 * * *", enabled=False).count() == 1
    assert Schedule.objects.filter(name="test.new", next_run_at=None).count() == 1


def test_a_declaration_that_can_not_be_read_is_refused() -> None:
    with pytest.raises(ValidationError):
        declare_schedule("test.bad", kind="test.nothing", cron="daily", missed=Missed.SKIP)
    assert "test.bad" not in _declared
