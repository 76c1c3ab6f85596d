import structlog
from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import Missed, Schedule, User
from aeghash.core.recurrence import recurrence

log = structlog.get_logger(__name__)


def change_schedule(*, schedule_id: int, by: User, cron: str, zone: str, missed: Missed, enabled: bool) -> Schedule:
    """What staff may edit. The next run is worked out anew, from now on: what passed while a schedule was off, or under
    its old expression, was not missed. Nor does an occurrence that was started come again, wherever the clock stands.

    Refuses an expression or a zone that can't be read (BadCron, BadZone).
    """
    rule = recurrence(cron, zone)
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
        schedule.cron, schedule.zone, schedule.missed, schedule.enabled = cron, zone, missed, enabled
        now = clock.now()
        schedule.next_run_at = rule.after(max(now, schedule.last_run_at or now))
        schedule.save(update_fields=["cron", "zone", "missed", "enabled", "next_run_at"])
    log.info("a schedule was changed", schedule=schedule.name, by=by.pk)
    return schedule
