"""The company's days. Whatever is counted by the day is counted by these."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from aeghash.core import clock

# Not a setting: what has been counted was counted by it, and would be wrong by any other.
ZONE: Final = ZoneInfo("Asia/Seoul")


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def today() -> date:
    return day_of(clock.now())


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
