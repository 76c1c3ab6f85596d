"""What /metrics says of the jobs, read from the database when asked."""

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from aeghash.core import clock
from aeghash.core.models import Job, JobState

log = structlog.get_logger(__name__)


class JobCollector(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        """Asked at registration, when there may be no database yet."""
        return self._families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth, oldest = self._families()
        try:
            for kind, count, first in _waiting():
                depth.add_metric([kind, JobState.QUEUED], count)
                oldest.add_metric([kind], max(0.0, (clock.now() - first).total_seconds()))
            for state in (JobState.RUNNING, JobState.DEAD):
                for kind, count in Job.objects.filter(state=state).values_list("kind").annotate(Count("pk")):
                    depth.add_metric([kind, state], count)
        except DatabaseError:
            # Whoever watches sees the gap, and the other measures.
            log.warning("the jobs can't be counted")
            return
        yield depth
        yield oldest

    def _families(self) -> list[GaugeMetricFamily]:
        return [
            GaugeMetricFamily("aeghash_jobs", "Jobs that are not finished.", labels=["kind", "state"]),
            GaugeMetricFamily("aeghash_jobs_oldest_due_seconds", "How long the oldest is due.", labels=["kind"]),
        ]


def _waiting() -> Iterator[tuple[str, int, datetime]]:
    queued = Job.objects.filter(state=JobState.QUEUED).values_list("kind")
    yield from queued.annotate(Count("pk"), Min("due_at"))
