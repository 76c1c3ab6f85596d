"""The strip of tabs over a list: its usual questions, each with how many rows answer it now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from aeghash.core.admin.kit.counting import bounded_counts

PARAMETER: Final = "tab"
MOST_SHOWN: Final = 999


@dataclass(frozen=True)
class Tab:
    """`is_counted` is for tabs that somebody should empty; how many rows there are at all is no news."""

    name: str
    label: str | Promise
    where: Q = field(default_factory=Q)
    is_counted: bool = True


@dataclass(frozen=True)
class ShownTab:
    label: str | Promise
    url: str
    is_current: bool
    count: str


class TabFilter(SimpleListFilter):
    """Django's machinery for filters keeps the tab in links to pages, orders and searches."""

    title = ""
    parameter_name = PARAMETER

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], screen: Any) -> None:
        self.tabs: Sequence[Tab] = screen.tabs
        super().__init__(request, params, model, screen)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(tab.name, tab.label) for tab in self.tabs]

    def current(self) -> Tab:
        return next((tab for tab in self.tabs if tab.name == self.value()), self.tabs[0])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.current().where)


def shown_tabs(changelist: Any) -> list[ShownTab]:
    found = next((spec for spec in changelist.filter_specs if isinstance(spec, TabFilter)), None)
    if found is None:
        return []
    counted = {tab.name: changelist.root_queryset.filter(tab.where) for tab in found.tabs if tab.is_counted}
    counts = bounded_counts(counted, MOST_SHOWN + 1)
    return [
        ShownTab(
            tab.label,
            changelist.get_query_string({PARAMETER: tab.name}, ["p"]),
            tab == found.current(),
            shown(counts.get(tab.name)),
        )
        for tab in found.tabs
    ]


def shown(count: int | None) -> str:
    if count is None:
        return ""
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)
