"""Turning occurrences that have come into jobs, each exactly once."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Missed, Schedule, Severity
from aeghash.core.operations.enqueue import enqueue_occurrence
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.recurrence import recurrence

STILL_FRESH: Final = timedelta(minutes=5)
MOST_AT_ONCE: Final = 1000  # a schedule of every minute that was away for a month goes on at the next tick

log = structlog.get_logger(__name__)


def start_due_schedules() -> int:
    """How many jobs were started. One schedule that can't be started holds up none of the others."""
    return sum(_start_or_alert(pk) for pk in due_schedules().values_list("pk", flat=True))


def due_schedules() -> QuerySet[Schedule]:
    return Schedule.objects.filter(Q(next_run_at__isnull=True) | Q(next_run_at__lte=clock.now()), enabled=True)


def _start_or_alert(pk: int) -> int:
    try:
        return start_schedule(pk)
    except Exception as error:
        log.exception("a schedule can't be started", schedule=pk)
        with transaction.atomic():
            raise_alert(
                key=f"schedule:{pk}",
                severity=Severity.CRITICAL,
                sentence=_("A schedule can't be started."),
                schedule=Schedule.objects.get(pk=pk).name,
                error=f"{type(error).__name__}: {error}",
            )
        return 0


def start_schedule(pk: int) -> int:
    """Its jobs and its next run are one commit, under the row's lock: two ticks can't both have it, and one that is
    killed has done nothing. The next run never goes back, so a clock that does finds nothing due.
    """
    now = clock.now()
    with transaction.atomic():
        schedule = due_schedules().select_for_update(skip_locked=True).filter(pk=pk).first()
        if schedule is None:
            return 0
        started, schedule.next_run_at = occurrences_to_start(schedule, now)
        for occurrence in started:
            enqueue_occurrence(schedule=schedule, occurrence_at=occurrence)
            schedule.last_run_at = occurrence
            checkpoint("schedule: occurrence written")
        schedule.save(update_fields=["next_run_at", "last_run_at"])
        checkpoint("schedule: before commit")
    return len(started)


def occurrences_to_start(schedule: Schedule, now: datetime) -> tuple[list[datetime], datetime]:
    """Those to be started now, and the first one after them."""
    rule = recurrence(schedule.cron, schedule.zone)
    if schedule.next_run_at is None:
        return [], rule.after(now)
    occurrence = schedule.next_run_at
    if schedule.missed == Missed.SKIP and occurrence < now - STILL_FRESH:
        occurrence = rule.after(now - STILL_FRESH)
    come: list[datetime] = []
    while occurrence <= now and len(come) < MOST_AT_ONCE:
        come.append(occurrence)
        occurrence = rule.after(occurrence)
    return (come if schedule.missed == Missed.CATCH_UP else come[-1:]), occurrence
