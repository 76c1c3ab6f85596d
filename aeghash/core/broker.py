"""Telling Celery's workers that there is something to do. Only a hint: whoever isn't told finds it by the sweep."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from celery import current_app
from django.conf import settings

QUIET_SECONDS: Final = 10.0
RUN_JOB: Final = "core.run_job"
WORK_AT_ONCE: Final = "core.work_at_once"

Messenger = Callable[[int], None]

log = structlog.get_logger(__name__)
_quiet_until = 0.0
_messenger: Messenger | None = None


def tell(job_id: int, task: str = RUN_JOB) -> None:
    """Called after a commit that can't be taken back, so nothing that happens here may reach the caller.

    A broker that doesn't answer costs its time-out once; then this process says nothing for a while.
    """
    global _quiet_until
    if _messenger is not None:
        _messenger(job_id)
        return
    if not settings.REDIS_URL or time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=[job_id], retry=False)
    except Exception as error:  # noqa: BLE001 - kombu, redis and the socket each raise their own
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker was not told", job=job_id, error=type(error).__name__)


@contextmanager
def steered(messenger: Messenger) -> Iterator[None]:
    """Within it, messages go to `messenger` instead of Redis, from every thread of the process."""
    global _messenger
    before, _messenger = _messenger, messenger
    try:
        yield
    finally:
        _messenger = before
