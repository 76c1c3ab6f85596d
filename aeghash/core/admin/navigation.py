"""What stands on the left: the screens a person may see, by area, with how much is waiting there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise

from aeghash.core.admin.kit.counting import bounded_counts

if TYPE_CHECKING:
    from aeghash.core.admin.kit.screens import Screen
    from aeghash.core.admin.site import StaffSite

MOST_COUNTED: Final = 1000


@dataclass(frozen=True, order=True)
class Area:
    """Areas stand in the order of their places; apps leave room between theirs."""

    place: int
    label: str | Promise


@dataclass(frozen=True)
class Entry:
    label: str | Promise
    url: str
    waiting: int = 0
    is_current: bool = False


@dataclass(frozen=True)
class ShownArea:
    label: str | Promise
    entries: list[Entry]


def areas_for(site: "StaffSite", request: HttpRequest) -> list[ShownArea]:
    screens = [screen for screen in screens_of(site) if screen.has_view_permission(request)]
    waiting = counted(screens)
    return [
        ShownArea(area.label, [entry(screen, request, waiting) for screen in screens if screen.area == area])
        for area in sorted({screen.area for screen in screens}, key=lambda area: area.place)
    ]


def screens_of(site: "StaffSite") -> list["Screen[Any]"]:
    screens: Iterable[Any] = site._registry.values()
    return sorted((screen for screen in screens if hasattr(screen, "area")), key=lambda screen: screen.place)


def entry(screen: "Screen[Any]", request: HttpRequest, waiting: dict[str, int]) -> Entry:
    url = screen.list_url()
    return Entry(screen.label(), url, waiting.get(screen.name, 0), request.path.startswith(url))


def counted(screens: Iterable["Screen[Any]"]) -> dict[str, int]:
    """All in one question: it is asked on every page."""
    waiting = {screen.name: screen.waiting() for screen in screens}
    return bounded_counts({name: rows for name, rows in waiting.items() if rows is not None}, MOST_COUNTED)
