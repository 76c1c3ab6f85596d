"""The first page: cards, which every app adds for itself. The core knows none but its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Figure:
    """One number: `tone` is ok, warn or bad where it is more than a number."""

    label: str | Promise
    value: Any
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Line:
    text: Any
    note: Any = ""
    url: str = ""


@dataclass(frozen=True)
class Card:
    title: str | Promise
    url: str = ""
    figures: Sequence[Figure] = ()
    chart: str = ""
    lines: Sequence[Line] = ()
    empty: str | Promise = ""
    wide: bool = False


Maker = Callable[[HttpRequest], Card]
_makers: Final[list[tuple[int, str, Maker]]] = []


def dashboard_card(*, place: int, right: str) -> Callable[[Maker], Maker]:
    """Registers what makes a card, for those who have the right."""

    def register(maker: Maker) -> Maker:
        _makers.append((place, right, maker))
        return maker

    return register


def dashboard_cards(request: HttpRequest) -> list[Card]:
    shown = sorted((entry for entry in _makers if request.user.has_perm(entry[1])), key=lambda entry: entry[0])
    return [made(maker, request) for _place, _right, maker in shown]


def made(maker: Maker, request: HttpRequest) -> Card:
    """A card whose question takes too long must not take the others, and the way into the site, with it."""
    try:
        return maker(request)
    except DatabaseError:
        log.exception("a dashboard card failed", card=maker.__name__)
        return Card(title=_("Not available"), empty=_("This can't be shown right now."))
