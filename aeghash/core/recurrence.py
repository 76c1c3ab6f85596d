"""When a cron expression falls due, in a zone whose clocks may jump.

Celery's parser reads the expression; its arithmetic is not used, because it counts on a clock that never jumps. Ours: an
occurrence is an instant. A time of day that a spring jump leaves out falls due as much later; one that autumn repeats
falls due the first time only, unless the expression names every hour: then each real hour counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from celery.schedules import ParseException, crontab_parser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Refusal

DAY: Final = timedelta(days=1)
LONGEST_JUMP: Final = timedelta(hours=3)
EVERY_HOUR: Final = 24
READABLE: Final = re.compile(r"[0-9A-Za-z*/, -]+")  # Python's int() would read "1_0" and "１" too
PARSERS: Final = (
    crontab_parser(60),
    crontab_parser(24),
    crontab_parser(31, 1),
    crontab_parser(12, 1),
    crontab_parser(7),
)
DAYS_AHEAD: Final = 28 * 366  # 29 February on a Monday


class BadCron(Refusal):
    code: ClassVar[str] = "bad_cron"
    status: ClassVar[int] = 400
    sentence = _(
        "This is no cron expression: it takes minute, hour, day of month, month and day of week, like “30 9 * * 1-5”, "
        "and must fall due at some time."
    )


class BadZone(Refusal):
    code: ClassVar[str] = "bad_zone"
    status: ClassVar[int] = 400
    sentence: ClassVar[str | Promise] = _("This is no time zone: name one like “Asia/Seoul” or “UTC”.")


@dataclass(frozen=True)
class Cron:
    minutes: set[int]
    hours: set[int]
    days: set[int]
    months: set[int]
    weekdays: set[int]  # 0 is Sunday

    def names(self, day: date) -> bool:
        return day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays


@dataclass(frozen=True)
class Recurrence:
    cron: Cron
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """The first occurrence later than `moment`."""
        start = (moment - LONGEST_JUMP).astimezone(self.zone)
        for instants, following in pairwise(chain(self._hour_by_hour(start), [[]])):
            if any(instant > moment for instant in instants):
                # A jump may have put an instant of the next hour before these.
                return min(instant for instant in instants + following if instant > moment)
        raise BadCron

    def _hour_by_hour(self, start: datetime) -> Iterator[list[datetime]]:
        for day in (start.date() + DAY * number for number in range(DAYS_AHEAD)):
            if self.cron.names(day):
                for hour in sorted(self.cron.hours):
                    if day > start.date() or hour >= start.hour:
                        yield list(self._within(day, hour))

    def _within(self, day: date, hour: int) -> Iterator[datetime]:
        for minute in self.cron.minutes:
            wall = datetime.combine(day, time(hour, minute), self.zone)
            yield wall.astimezone(UTC)
            if len(self.cron.hours) == EVERY_HOUR and _is_repeated(wall):
                yield wall.replace(fold=1).astimezone(UTC)


@lru_cache(maxsize=256)
def recurrence(cron: str, zone: str) -> Recurrence:
    return Recurrence(parsed_cron(cron), checked_zone(zone))


def parsed_cron(text: str) -> Cron:
    fields = text.split()
    if len(fields) != len(PARSERS) or not READABLE.fullmatch(text):
        raise BadCron
    try:
        cron = Cron(*(parser.parse(field) for parser, field in zip(PARSERS, fields, strict=True)))
    except (ParseException, ValueError) as problem:
        raise BadCron from problem
    Recurrence(cron, ZoneInfo("UTC")).after(datetime(2000, 1, 1, tzinfo=UTC))  # refuses a 30 February
    return cron


def checked_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # Names that are no file names, or name folders, fail in their own ways.
    except (ValueError, OSError, KeyError) as problem:
        raise BadZone from problem


def _is_repeated(wall: datetime) -> bool:
    """Told from a gap, where the offset grows: there fold=1 is the earlier instant."""
    return wall.replace(fold=1).astimezone(UTC) > wall.astimezone(UTC)
