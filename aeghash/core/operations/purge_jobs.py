from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.jobs import Lease
from aeghash.core.models import Job
from aeghash.core.models.jobs import FORGETTABLE

KEEP: Final = timedelta(days=30)
BATCH: Final = 5000


def purge_jobs(*, lease: Lease) -> int:
    """Deletes what was done or given up long ago, a batch at a time; dead ones stay until a person has decided."""
    total = 0
    while True:
        old = Job.objects.filter(state__in=FORGETTABLE, finished_at__lt=clock.now() - KEEP).order_by("finished_at")
        count, _per_model = Job.objects.filter(pk__in=old.values("pk")[:BATCH]).delete()
        total += count
        if count < BATCH:
            return total
        lease.extend()
