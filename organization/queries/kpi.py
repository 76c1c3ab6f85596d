"""The figures of one member over the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from aeghash.core import clock
from organization.models import DailyVolume, Member

MOST_DAYS: Final = 90
FIGURES: Final = ("personal_volume", "group_volume", "volume_left", "volume_right", "orders_count")
COMPANY_ZONE: Final = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Kpi:
    """A row a day, also for days on which nothing happened; today's is the last."""

    days: Sequence[dict[str, Any]]

    @property
    def sums(self) -> dict[str, Any]:
        return {name: sum((day[name] for day in self.days), Decimal(0)) for name in FIGURES} | {
            "orders_count": sum(day["orders_count"] for day in self.days)
        }


def first_of(days: int) -> date:
    """The first of the last so many days, by the company's calendar."""
    return clock.now().astimezone(COMPANY_ZONE).date() - timedelta(days=days - 1)


def kpi(*, member: Member | int, days: int) -> Kpi:
    first = first_of(days)
    rows = DailyVolume.objects.filter(member=member, day__gte=first, day__lt=first + timedelta(days=days))
    found = {row["day"]: row for row in rows.values("day", *FIGURES)}
    nothing: dict[str, Any] = {**dict.fromkeys(FIGURES, Decimal(0)), "orders_count": 0}
    calendar = [first + timedelta(days=number) for number in range(days)]
    return Kpi([found.get(day, {"day": day, **nothing}) for day in calendar])
