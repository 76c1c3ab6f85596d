"""The core's own jobs: what happens every day without anyone's doing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Alert, AuditHead, AuditRow, AuditSeal, Job, Missed, Proposal, Schedule, User
from aeghash.core.operations.acknowledge_alert import acknowledge_alert
from aeghash.core.operations.alert_of_violations import alert_of_violations
from aeghash.core.operations.change_schedule import change_schedule
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.give_up_job import give_up_job
from aeghash.core.operations.publish_audit_head import tell_audit_head
from aeghash.core.operations.record import record
from aeghash.core.operations.retry_job import retry_job
from aeghash.core.operations.tick import tick
from aeghash.core.operations.work_job import run_job
from tests.core.audit.trail import wait_until_nobody_is_before
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kim() -> User:
    return User.objects.create_user("kim@example.com", is_admin=True)


def write_audit_row() -> None:
    """One that can be sealed at once: nothing older runs any more, not even in the tests next door."""
    with acting_as(command("test")), transaction.atomic():
        record("test.happened")
    wait_until_nobody_is_before(AuditRow.objects.latest("transaction_id").transaction_id)


def run(kind: str, **arguments: Any) -> Job:
    with transaction.atomic():
        job = enqueue(kind, **arguments)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_tick_seals_the_trail() -> None:
    write_audit_row()
    tick()
    assert AuditSeal.objects.count() == 1


def test_a_trail_that_can_t_be_sealed_is_told_and_stops_nothing(owner: Owner) -> None:
    write_audit_row()
    tick()
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE audit_seals SET audit_transaction_id = '9223372036854775807'")
    write_audit_row()
    tick()
    assert Alert.objects.get().key == "audit.unsealable"
    assert AuditSeal.objects.count() == 1


def test_the_head_of_the_trail_is_told_once_a_day() -> None:
    write_audit_row()
    tick()
    tell_audit_head()
    tell_audit_head()
    alert = Alert.objects.get()
    assert AuditSeal.objects.get().hash.hex() in alert.sentence
    assert alert.severity == "info"
    assert AuditHead.objects.filter(number=1).exists()


def test_a_broken_invariant_is_told(owner: Owner) -> None:
    assert run("core.check_invariants", since_watermark=False).state == "done"
    assert not Alert.objects.exists()
    write_audit_row()
    tick()
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM audit_rows")
    (broken,) = alert_of_violations(since_watermark=False)
    assert broken.invariant.id == "A1"
    assert Alert.objects.get().key == "invariant.A1"
    alert_of_violations(since_watermark=True)
    assert Alert.objects.get().count == 2


def test_proposals_nobody_agreed_to_are_closed(kim: User) -> None:
    now = clock.now()
    Proposal.objects.create(
        kind="roles.change", content={}, digest="x", reason="y", proposed_by=kim, expires_at=now - timedelta(hours=1)
    )
    assert run("core.expire_proposals").state == "done"
    assert Proposal.objects.get().status == "expired"
    assert AuditRow.objects.get(verb="proposal.expired").actor_id == "core.expire_proposals"


def test_the_daily_head_is_a_job_of_its_own() -> None:
    assert run("core.tell_audit_head").state == "done"
    assert AuditHead.objects.count() == 1


def test_what_staff_do_to_jobs_alerts_and_schedules_is_on_the_trail(kim: User) -> None:
    with transaction.atomic():
        job = enqueue("core.purge_jobs")
    give_up_job(job_id=job.pk, by=kim, reason="not today")
    retry_job(job_id=job.pk, by=kim)
    tell_audit_head()
    acknowledge_alert(alert_id=Alert.objects.get().pk, by=kim)
    schedule = Schedule.objects.get(name="core.purge_jobs")
    change_schedule(
        schedule_id=schedule.pk, by=kim, cron="1 1 * * *", zone="Asia/Seoul", missed=Missed.SKIP, enabled=True
    )
    rows = AuditRow.objects.filter(actor_id=str(kim.pk)).order_by("pk")
    assert [row.verb for row in rows] == ["job.given_up", "job.retried", "alert.acknowledged", "schedule.changed"]
    assert rows[0].reason == "not today"
    assert rows[3].after["zone"] == "Asia/Seoul"


def test_every_schedule_of_the_product_starts_a_job_that_exists() -> None:
    from aeghash.core.jobs import kind_named

    for schedule in Schedule.objects.all():
        kind_named(schedule.kind).check_arguments(schedule.arguments)
    assert Schedule.objects.count() >= 5
