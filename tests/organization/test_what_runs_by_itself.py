"""Orders are counted within a minute, with nobody asking."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from aeghash.core import clock
from aeghash.core.models import Job, Schedule
from aeghash.core.operations.tick import tick
from aeghash.core.operations.work_due_jobs import work_due_jobs
from organization.models import DailyVolume, Member
from organization.tasks import RAISE, RECOMPUTE, ROLL_UP
from tests.core.audit.trail import wait_until_nobody_is_before
from tests.organization.buying import bought
from tests.organization.counting import kept, recounted
from tests.organization.planting import planted
from tests.organization.ranking import ranks_by_reading_the_plan, ranks_kept
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def buyer() -> Member:
    (member,) = planted([None])
    wait_until_nobody_is_before(bought(member, total=200).xid)
    return member


def test_every_half_minute_what_came_is_counted_and_raised(buyer: Member) -> None:
    Schedule.objects.filter(name__in=[ROLL_UP, RAISE]).update(enabled=True)
    start = clock.now().replace(second=0, microsecond=0)
    Schedule.objects.filter(name__in=[ROLL_UP, RAISE]).update(next_run_at=start + timedelta(minutes=1))
    counted: list[int] = []
    for second in range(60, 121, 10):
        moment = start + timedelta(seconds=second)
        with clock.steered(partial(datetime.fromtimestamp, moment.timestamp(), UTC)):
            tick()
            work_due_jobs(until=lambda _done: False)
            counted.append(Job.objects.filter(kind=ROLL_UP, state="done").count())
    assert counted == [1, 1, 1, 2, 2, 2, 3]
    assert kept() == recounted()
    assert ranks_kept() == ranks_by_reading_the_plan() == {buyer.pk: "D0"}


def test_rules_are_looked_at_every_day() -> None:
    schedule = Schedule.objects.get(name=RECOMPUTE)
    assert (schedule.cron, schedule.zone) == ("5 0 * * *", "Asia/Seoul")


def test_the_commands_say_what_they_did(buyer: Member, capsys: Any) -> None:
    until(lambda: said("rollup_volumes", capsys) == {"days_changed": 1})
    assert DailyVolume.objects.get().orders_count == 1
    assert said("recompute_ranks", capsys) == {"raised": 1}
    call_command("rollup_volumes")
    call_command("recompute_ranks")
    assert capsys.readouterr().out.splitlines() == ["0 members' days changed", "0 members raised"]


def said(command: str, capsys: Any) -> Any:
    call_command(command, "--json")
    return json.loads(capsys.readouterr().out)
