"""The last so many days: of the dashboard, and of the lists its numbers lead to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock

PARAMETER: Final = "days"
LENGTHS: Final = (7, 30, 90)
USUAL: Final = 7


@dataclass(frozen=True)
class Period:
    """Whole days as the staff count them, today included."""

    days: int

    @property
    def last(self) -> date:
        return timezone.localtime(clock.now()).date()

    @property
    def first(self) -> date:
        return self.last - timedelta(days=self.days - 1)

    @property
    def begins(self) -> datetime:
        """The first moment of the first day."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=timezone.get_current_timezone())

    @property
    def all_days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def pool_days(self) -> list[date]:
        """As many of the pool's (UTC), whose newest is yesterday: today is over for nobody yet."""
        return [clock.today() - timedelta(days=back) for back in range(self.days, 0, -1)]

    @property
    def label(self) -> str:
        return _("today") if self.days == 1 else _("%(days)s days") % {"days": self.days}

    def moments(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.begins})

    def dates(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.pool_days[0]})

    def narrows(self, url: str) -> str:
        """The address of a list, narrowed down to it."""
        return f"{url}{'&' if '?' in url else '?'}{PARAMETER}={self.days}"


def asked_period(request: HttpRequest) -> Period:
    """What the dashboard's address asks for; anything else than the lengths on offer is the usual one."""
    given = request.GET.get(PARAMETER, "")
    return Period(next((days for days in LENGTHS if str(days) == given), USUAL))


class PeriodFilter(SimpleListFilter):
    """Narrows a list down to the same days."""

    title = gettext_lazy("period")
    parameter_name = PARAMETER
    field = ""
    is_of_pool = False

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), Period(days).label) for days in (1, *LENGTHS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in [choice for choice, _label in self.lookup_choices]:
            return queryset
        period = Period(int(self.value() or 0))
        return queryset.filter(period.dates(self.field) if self.is_of_pool else period.moments(self.field))


def by_moment(field: str) -> type[PeriodFilter]:
    return type("MomentFilter", (PeriodFilter,), {"field": field})


def by_pool_day(field: str) -> type[PeriodFilter]:
    return type("PoolDayFilter", (PeriodFilter,), {"field": field, "is_of_pool": True})
