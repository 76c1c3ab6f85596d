"""The sweep: everything that is due, whether or not anybody was told."""

import time
from collections.abc import Callable

from aeghash.core.operations.claim_job import claim_next_job
from aeghash.core.operations.work_job import work_job


def work_due_jobs(*, until: Callable[[int], bool]) -> int:
    """One after the other, until none is due or `until`, asked with the number done so far, says enough."""
    done = 0
    while not until(done):
        lease = claim_next_job()
        if lease is None:
            break
        work_job(lease=lease)
        done += 1
    return done


def for_seconds(seconds: float) -> Callable[[int], bool]:
    end = time.monotonic() + seconds
    return lambda _done: time.monotonic() >= end
