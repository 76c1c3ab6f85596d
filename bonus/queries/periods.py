"""Which period is to be closed."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings

from organization import days

WEEKDAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
LONGEST: Final = 31


@dataclass(frozen=True)
class Period:
    """It ends with the time of closing on its last day; the next one begins there."""

    kind: str
    starts_at: datetime
    ends_at: datetime

    @property
    def cutoff(self) -> datetime:
        return self.ends_at - timedelta(days=settings.CLOSING_REFUND_LAG_DAYS)


def last_period(as_of: datetime) -> Period:
    """The newest that was over by then."""
    end = _end_before(as_of + timedelta(microseconds=1))
    return Period(settings.CLOSING_PERIOD, _end_before(end), end)


def _end_before(moment: datetime) -> datetime:
    """Always within a month and a day."""
    day = days.day_of(moment)
    for back in range(LONGEST + 2):
        candidate = day - timedelta(days=back)
        end = datetime.combine(candidate, time(settings.CLOSING_HOUR, settings.CLOSING_MINUTE), days.ZONE)
        if end < moment and _closes_on(candidate.weekday(), candidate.day):
            return end
    raise AssertionError("every month has its anchor")


def _closes_on(weekday: int, day_of_month: int) -> bool:
    if settings.CLOSING_PERIOD == "weekly":
        return WEEKDAYS[weekday] == settings.CLOSING_WEEKLY_ANCHOR
    return settings.CLOSING_PERIOD == "daily" or day_of_month == settings.CLOSING_MONTHLY_ANCHOR
