from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.models import Missed, Schedule, User
from aeghash.core.operations.record import record
from aeghash.core.recurrence import recurrence

EDITABLE: Final = ("cron", "zone", "missed", "enabled")


def change_schedule(*, schedule_id: int, by: User, cron: str, zone: str, missed: Missed, enabled: bool) -> Schedule:
    """What staff may edit. The next run is worked out anew, from now on: what passed while a schedule was off, or under
    its old expression, was not missed. Nor does an occurrence that was started come again, wherever the clock stands.

    Refuses an expression or a zone that can't be read (BadCron, BadZone).
    """
    rule = recurrence(cron, zone)
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        before = {name: getattr(schedule, name) for name in EDITABLE}
        schedule.cron, schedule.zone, schedule.missed, schedule.enabled = cron, zone, missed, enabled
        now = clock.now()
        schedule.next_run_at = rule.after(max(now, schedule.last_run_at or now))
        schedule.save(update_fields=[*EDITABLE, "next_run_at"])
        after = {name: getattr(schedule, name) for name in EDITABLE}
        with acting_as(person(by)):
            record("schedule.changed", of=schedule, before=before, after=after)
    return schedule
