"""What follows orders, refunds and joinings by itself."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.schedules import declare_schedule
from organization import days
from organization.operations.raise_ranks import raise_ranks
from organization.operations.recompute_ranks import recompute_ranks
from organization.operations.roll_up_volumes import roll_up_volumes

ROLL_UP: Final = "organization.roll_up_volumes"
RAISE: Final = "organization.raise_ranks"
RECOMPUTE: Final = "organization.recompute_ranks"
LONG: Final = timedelta(minutes=10)  # after an import


@job(ROLL_UP, lease=LONG)
def roll_up_volumes_task(lease: Lease) -> None:
    _again_in_half_a_minute(lease)
    roll_up_volumes()


@job(RAISE, lease=LONG)
def raise_ranks_task(lease: Lease) -> None:
    _again_in_half_a_minute(lease)
    raise_ranks()


@job(RECOMPUTE, lease=LONG)
def recompute_ranks_task(_lease: Lease) -> None:
    recompute_ranks()


def _again_in_half_a_minute(lease: Lease) -> None:
    """A schedule starts its jobs by the minute, and an order is to be counted within one."""
    if lease.occurrence_at is not None:
        with transaction.atomic():
            enqueue(lease.job.kind, key=lease.job.kind, due_at=clock.now() + timedelta(seconds=30))


declare_schedule(ROLL_UP, kind=ROLL_UP, cron="* * * * *", missed=Missed.SKIP)
declare_schedule(RAISE, kind=RAISE, cron="* * * * *", missed=Missed.SKIP)
# Rules may begin to hold with a day.
declare_schedule(RECOMPUTE, kind=RECOMPUTE, cron="5 0 * * *", zone=days.ZONE.key, missed=Missed.CATCH_UP)
