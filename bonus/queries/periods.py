"""Which period is to be closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bonus.models import BonusSettings, Cycle, Weekday
from bonus.queries.settings import versions

LONGEST: Final = 33  # days: a month and whatever is left of today


@dataclass(frozen=True)
class Period:
    """It ends with the time of closing on its last day; the next one begins there. `cutoff` is its end less the lag."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    cutoff: datetime


def last_period(as_of: datetime) -> Period:
    """The newest that was over by then. Each end is by the settings that held at it: past periods stay where they were."""
    known = versions()
    end, settings = _end_before(as_of + timedelta(microseconds=1), known)
    start, _before = _end_before(end, known)
    return Period(settings.period, start, end, end - timedelta(days=settings.refund_lag_days))


def _end_before(moment: datetime, known: Sequence[BonusSettings]) -> tuple[datetime, BonusSettings]:
    """The newest version first, since its ends are later than any of the one before it."""
    for settings in reversed(known):
        if settings.valid_from < moment:
            end = _end_by(settings, moment)
            if end >= settings.valid_from or settings is known[0]:
                return end, settings
            moment = settings.valid_from
    return _end_by(known[0], moment), known[0]


def _end_by(settings: BonusSettings, before: datetime) -> datetime:
    zone = ZoneInfo(settings.timezone)
    day = before.astimezone(zone).date()
    for back in range(LONGEST):
        candidate = day - timedelta(days=back)
        end = datetime.combine(candidate, settings.close_time, zone)
        if end < before and _closes_on(candidate, settings):
            return end
    raise AssertionError("every month has its anchor")


def _closes_on(day: date, settings: BonusSettings) -> bool:
    match Cycle(settings.period):
        case Cycle.DAILY:
            return True
        case Cycle.WEEKLY:
            return Weekday.values[day.weekday()] == settings.weekly_anchor
        case Cycle.MONTHLY:
            return day.day == settings.monthly_anchor
