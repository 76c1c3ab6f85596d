"""Schedules that the code brings along, declared beside the handlers they start.

They are written after `migrate`, each once: a row that is there already is the staff's and left as it is. Not by
migrations, so that a new one is one line beside its handler, and an app's need not wait for the core's.
"""

from typing import Any, Final

from django.db import connections

from aeghash.core.models import Missed, Schedule

_declared: Final[dict[str, Schedule]] = {}


def declare_schedule(name: str, *, kind: str, cron: str, zone: str = "UTC", missed: Missed, **arguments: Any) -> None:
    """`missed`: whether an occurrence that passed while nothing ran is still wanted."""
    schedule = Schedule(name=name, kind=kind, cron=cron, zone=zone, missed=missed, arguments=arguments)
    schedule.clean_fields()
    _declared[name] = schedule


def write_declared_schedules(using: str, **_: Any) -> None:
    """After `migrate`, once; not when the core's tables have just been undone."""
    if using != "owner" or Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    known = set(Schedule.objects.using(using).values_list("name", flat=True))
    missing = [schedule for name, schedule in _declared.items() if name not in known]
    # A second `migrate` at the same time may have been quicker.
    Schedule.objects.using(using).bulk_create(missing, ignore_conflicts=True)
