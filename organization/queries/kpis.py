"""A member's figures, read from what the roll-up keeps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.models import Watermark
from organization import days as company_days
from organization.models import DailyVolume, GroupRank, Member, Rank, RankChange, Spillover
from organization.models.volumes import ROLL_UP

MOST_DAYS: Final = 90
SUMS: Final = {
    "personal": Sum("personal_volume", default=Decimal(0)),
    "group": Sum("group_volume", default=Decimal(0)),
    "left": Sum("volume_left", default=Decimal(0)),
    "right": Sum("volume_right", default=Decimal(0)),
    "orders": Sum("orders_count", default=0),
    "new_members": Sum("group_joined", default=0),
    "new_left": Sum("joined_left", default=0),
    "new_right": Sum("joined_right", default=0),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Volumes in PV. `personal` and `orders` are the member's own; new members are those below."""

    personal: Decimal = Decimal(0)
    group: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    right: Decimal = Decimal(0)
    orders: int = 0
    new_members: int = 0
    new_left: int = 0
    new_right: int = 0


@dataclass(frozen=True, slots=True)
class Kpis:
    first_day: date
    last_day: date
    figures: Figures
    spillovers: int  # members this one sponsored and whose place is further down
    rank_mix: dict[str, int] = field(default_factory=dict)  # how many below hold each rank, now


def kpis(*, member: Member, days: int = 7) -> Kpis:
    """Of the last `days` days (1 to 90), today included, as the company counts days."""
    first, last = _span(days)
    return Kpis(
        first_day=first,
        last_day=last,
        figures=Figures(**_rows([member.pk], first, last).aggregate(**SUMS)),
        spillovers=Spillover.objects.filter(sponsor=member, created_at__gte=company_days.beginning_of(first)).count(),
        rank_mix=rank_mix(member),
    )


def daily_figures(*, member: Member, days: int = 7) -> dict[date, Figures]:
    """The same day by day, oldest first, for a chart: a day on which nothing happened is there too."""
    first, last = _span(days)
    known = _by("day", _rows([member.pk], first, last))
    span = (first + timedelta(days=number) for number in range(days))
    return {day: known.get(day, Figures()) for day in span}


def company_volumes(company_days: Sequence[date]) -> dict[date, Decimal]:
    """The PV of each of these days, of everybody: what the roll-up keeps of the member above all others, in one question."""
    rows = DailyVolume.objects.filter(member__sponsor=None, day__range=(company_days[0], company_days[-1]))
    known = dict(rows.values_list("day").annotate(pv=Sum(F("group_volume") + F("personal_volume"))))
    return {day: known.get(day, Decimal(0)) for day in company_days}


def figures_for_ever(member_ids: Collection[int]) -> dict[int, Figures]:
    """Of many members at once, since they joined: `new_left` is then how many stand on the left."""
    known = _by("member_id", DailyVolume.objects.filter(member__in=member_ids))
    return {member: known.get(member, Figures()) for member in member_ids}


def rank_mix(member: Member) -> dict[str, int]:
    known = dict(GroupRank.objects.filter(member=member).values_list("rank", "members"))
    return {rank: known.get(rank, 0) for rank in Rank.values}


def rank_history(member: Member) -> QuerySet[RankChange]:
    return RankChange.objects.filter(member=member).order_by("-pk")


def counted_until() -> datetime | None:
    """When the figures were last brought up to date; None before the first time."""
    return Watermark.objects.filter(name=ROLL_UP).values_list("moved_at", flat=True).first()


def _by(column: str, rows: QuerySet[DailyVolume]) -> dict[Any, Figures]:
    sums: Any = rows.order_by().values(column).annotate(**SUMS)
    return {row.pop(column): Figures(**row) for row in sums}


def _rows(member_ids: Collection[int], first: date, last: date) -> QuerySet[DailyVolume]:
    return DailyVolume.objects.filter(member__in=member_ids, day__range=(first, last))


def _span(days: int) -> tuple[date, date]:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(field="days", reason=_("From 1 to %(most)s.") % {"most": MOST_DAYS})
    last = company_days.today()
    return last - timedelta(days=days - 1), last
