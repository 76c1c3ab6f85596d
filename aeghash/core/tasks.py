"""Celery's way in, and what the core's own jobs do."""

from datetime import timedelta
from typing import Final

from celery import shared_task

from aeghash.core import broker
from aeghash.core.jobs import Lease, in_one_commit, job
from aeghash.core.models import Missed
from aeghash.core.operations.alert_of_violations import alert_of_violations
from aeghash.core.operations.expire_proposals import expire_proposals
from aeghash.core.operations.publish_audit_head import tell_audit_head
from aeghash.core.operations.purge_jobs import purge_jobs
from aeghash.core.operations.send_waiting_alerts import send_waiting_alerts
from aeghash.core.operations.tick import tick
from aeghash.core.operations.want_alerts_sent import KIND as SEND_ALERTS
from aeghash.core.operations.work_at_once import work_at_once
from aeghash.core.operations.work_due_jobs import for_seconds, work_due_jobs
from aeghash.core.operations.work_job import run_job
from aeghash.core.schedules import declare_schedule

SWEEP_SECONDS: Final = 10.0  # then the next tick goes on, and messages get their turn


@shared_task(name=broker.RUN_JOB)
def run_job_task(job_id: int) -> None:
    run_job(job_id=job_id)


@shared_task(name=broker.WORK_AT_ONCE)
def work_at_once_task(job_id: int) -> None:
    work_at_once(job_id=job_id)


@shared_task(name="core.tick")
def tick_task() -> None:
    """The sweep works what it finds itself. It could tell Celery instead, but then every job of a backlog would be told
    again with every tick.
    """
    tick()
    work_due_jobs(until=for_seconds(SWEEP_SECONDS))


# It is never dead: a channel that has been down for a week should get its message when it comes back.
@job(SEND_ALERTS, attempts=1_000_000, first_pause=timedelta(seconds=5), longest_pause=timedelta(minutes=1))
def send_alerts_task(lease: Lease) -> None:
    send_waiting_alerts(lease=lease)


@job("core.purge_jobs")
def purge_jobs_task(lease: Lease) -> None:
    purge_jobs(lease=lease)


@job("core.expire_proposals")
@in_one_commit
def expire_proposals_task() -> None:
    expire_proposals()


@job("core.tell_audit_head")
@in_one_commit
def tell_audit_head_task() -> None:
    tell_audit_head()


@job("core.check_invariants", lease=timedelta(minutes=30))
def check_invariants_task(_lease: Lease, *, since_watermark: bool) -> None:
    alert_of_violations(since_watermark=since_watermark)


declare_schedule("core.purge_jobs", kind="core.purge_jobs", cron="17 18 * * *", missed=Missed.SKIP)
declare_schedule("core.expire_proposals", kind="core.expire_proposals", cron="*/5 * * * *", missed=Missed.SKIP)
declare_schedule("core.tell_audit_head", kind="core.tell_audit_head", cron="5 0 * * *", missed=Missed.CATCH_UP)
declare_schedule(
    "core.check_new_rows", kind="core.check_invariants", cron="*/10 * * * *", missed=Missed.SKIP, since_watermark=True
)
declare_schedule(
    "core.check_everything", kind="core.check_invariants", cron="40 18 * * *", missed=Missed.SKIP, since_watermark=False
)
