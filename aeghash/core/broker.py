"""Telling Celery's workers that there is something to do. Only a hint: whoever isn't told finds it by the sweep."""

import time
from typing import Final

import structlog
from celery import current_app
from django.conf import settings

QUIET_SECONDS: Final = 10.0
RUN_JOB: Final = "core.run_job"
WORK_AT_ONCE: Final = "core.work_at_once"

log = structlog.get_logger(__name__)
_quiet_until = 0.0


def tell(job_id: int, task: str = RUN_JOB) -> None:
    """Called after a commit that can't be taken back, so nothing that happens here may reach the caller.

    A broker that doesn't answer costs its time-out once; then this process says nothing for a while.
    """
    global _quiet_until
    if not settings.REDIS_URL or time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=[job_id], retry=False)
    except Exception as error:  # noqa: BLE001 - kombu, redis and the socket each raise their own
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker was not told", job=job_id, error=type(error).__name__)
