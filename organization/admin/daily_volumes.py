"""Volumes per day: of one day, the largest groups first; or of the members that are searched for, all their days."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.screens import Section
from organization import days as company_days
from organization.admin.areas import ORGANIZATION
from organization.admin.histories import HistoryScreen
from organization.admin.names import member_link, member_name, member_number
from organization.models import DailyVolume

OFFERED: Final = 14  # days to choose from; any other is reached by its address


class DayFilter(SimpleListFilter):
    """There is always a day, unless a member is searched for: nobody reads the days of a million members together."""

    title = gettext_lazy("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.is_searched = bool(request.GET.get("q", "").strip())
        today = company_days.today()
        offered = {today - timedelta(days=number) for number in range(OFFERED)}
        if chosen := day_of(self.value()):
            offered.add(chosen)
        return [(day.isoformat(), day.isoformat()) for day in sorted(offered, reverse=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DailyVolume]) -> QuerySet[DailyVolume]:
        day = self.shown_day()
        return queryset if day is None else queryset.filter(day=day)

    def shown_day(self) -> date | None:
        return day_of(self.value()) or (None if self.is_searched else company_days.today())

    def choices(self, changelist: Any) -> Iterator[Any]:
        shown = self.shown_day()
        if self.is_searched:
            yield {
                "selected": shown is None,
                "query_string": changelist.get_query_string(remove=[self.parameter_name]),
                "display": _("All days"),
            }
        for value, label in self.lookup_choices:
            yield {
                "selected": shown is not None and value == shown.isoformat(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }


def day_of(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.isoformat() == text else None


@admin.register(DailyVolume)
class DailyVolumeScreen(HistoryScreen[DailyVolume]):
    place = 35
    area = ORGANIZATION
    lead = gettext_lazy("What was bought on a day by a member and by everybody below, counted by the days of Seoul.")
    empty_title = gettext_lazy("Nothing was counted on this day")
    empty_text = gettext_lazy("Orders, refunds and new members are counted within a minute.")
    filters = (DayFilter,)
    list_display = ("day_shown", "who", "personal", "group", "left", "right", "orders", "joined")
    ordering = ("-day", "-group_volume", "member")
    export = {
        gettext_lazy("Day"): lambda row: row.day.isoformat(),
        gettext_lazy("Member"): lambda row: member_number(row.member),
        gettext_lazy("Referral code"): lambda row: row.member.referral_code,
        gettext_lazy("Personal volume"): lambda row: row.personal_volume,
        gettext_lazy("Group volume"): lambda row: row.group_volume,
        gettext_lazy("Left volume"): lambda row: row.volume_left,
        gettext_lazy("Right volume"): lambda row: row.volume_right,
        gettext_lazy("Orders"): lambda row: row.orders_count,
        gettext_lazy("New members below"): lambda row: row.group_joined,
    }

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> DailyVolume | None:
        member, _dash, day = object_id.partition("-")
        if not (member.isascii() and member.isdecimal() and day_of(day)):
            return None
        return self.get_queryset(request).filter(member=int(member), day=day).first()

    def key_of(self, row: DailyVolume) -> str:
        return f"{row.member_id}-{row.day.isoformat()}"

    def title_of(self, row: DailyVolume) -> str:
        return f"{member_name(row.member)} {row.day.isoformat()}"

    def sections(self, row: DailyVolume) -> Sequence[Section]:
        facts = [
            (_("Member"), member_link(row.member)),
            (_("Day"), row.day.isoformat()),
            (_("Personal volume"), self.personal(row)),
            (_("Group volume"), self.group(row)),
            (_("Left volume"), self.left(row)),
            (_("Right volume"), self.right(row)),
            (_("Orders"), row.orders_count),
            (_("New members below"), row.group_joined),
            (_("of them on the left"), row.joined_left),
            (_("of them on the right"), row.joined_right),
        ]
        return (Section(_("Volumes of a day"), facts, note=_("A refund is taken back on its own day.")),)

    @admin.display(description=gettext_lazy("day"))
    def day_shown(self, row: DailyVolume) -> str:
        return row.day.isoformat()

    @admin.display(description=gettext_lazy("member"))
    def who(self, row: DailyVolume) -> str:
        return member_link(row.member)

    @admin.display(description=gettext_lazy("personal volume"))
    def personal(self, row: DailyVolume) -> str:
        return cells.money(row.personal_volume, "PV")

    @admin.display(description=gettext_lazy("group volume"))
    def group(self, row: DailyVolume) -> str:
        return cells.money(row.group_volume, "PV")

    @admin.display(description=gettext_lazy("left volume"))
    def left(self, row: DailyVolume) -> str:
        return cells.money(row.volume_left, "PV")

    @admin.display(description=gettext_lazy("right volume"))
    def right(self, row: DailyVolume) -> str:
        return cells.money(row.volume_right, "PV")

    @admin.display(description=gettext_lazy("orders"))
    def orders(self, row: DailyVolume) -> int:
        return row.orders_count

    @admin.display(description=gettext_lazy("joined the group"))
    def joined(self, row: DailyVolume) -> int:
        return row.group_joined

    personal.is_number = True  # type: ignore[attr-defined]
    group.is_number = True  # type: ignore[attr-defined]
    left.is_number = True  # type: ignore[attr-defined]
    right.is_number = True  # type: ignore[attr-defined]
    orders.is_number = True  # type: ignore[attr-defined]
    joined.is_number = True  # type: ignore[attr-defined]
