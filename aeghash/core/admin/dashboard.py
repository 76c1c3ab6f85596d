"""The first page: what waits and since when, and how the company does. Every app adds its part for itself; the core knows
only its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.counting import MOST_COUNTED, Standing, standings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Figure:
    """One number. Of `rows` it is how many there are: asked for with all others of the page at once, and `url` lists
    exactly these; `since` is the field that says when a row began to wait. Any other `value` is shown as it is.

    `tone` is ok, warn or bad; a count has it only where there is something to count.
    """

    label: str | Promise
    value: Any = None
    url: str = ""
    tone: str = ""
    rows: QuerySet[Any] | None = None
    since: str = ""
    note: Any = ""


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


@dataclass(frozen=True, order=True)
class Part:
    """Cards under a heading of their own."""

    place: int
    label: str | Promise = field(compare=False)


QUEUES: Final = Part(0, gettext_lazy("What waits"))
YOURS: Final = Part(10, gettext_lazy("To be seen to"))
COMPANY: Final = Part(20, gettext_lazy("The company"))
HOUSE: Final = Part(30, gettext_lazy("System"))

Maker = Callable[[HttpRequest], Card]
Entry = tuple[Part, int, str, Maker]
_makers: Final[list[Entry]] = []


def dashboard_card(*, part: Part, place: int, right: str) -> Callable[[Maker], Maker]:
    """Registers what makes a card, for those who have the right. Of cards among the queues only the figures are shown."""

    def register(maker: Maker) -> Maker:
        _makers.append((part, place, right, maker))
        return maker

    return register


def dashboard(request: HttpRequest) -> dict[Part, list[Card]]:
    """The cards this person may see, by part."""
    entries = [entry for entry in sorted(_makers, key=lambda entry: entry[:2]) if request.user.has_perm(entry[2])]
    cards = with_counts([made(maker, request) for _part, _place, _right, maker in entries])
    shown: dict[Part, list[Card]] = {}
    for (part, *_entry), card in zip(entries, cards, strict=True):
        shown.setdefault(part, []).append(card)
    return shown


def made(maker: Maker, request: HttpRequest) -> Card:
    """A card whose question takes too long must not take the others, and the way into the site, with it."""
    try:
        return maker(request)
    except DatabaseError:
        log.exception("a dashboard card failed", card=maker.__name__)
        return missing()


def missing() -> Card:
    return Card(title=_("Not available"), empty=_("This can't be shown right now."))


def with_counts(cards: Sequence[Card]) -> list[Card]:
    """All in one question; if that fails, card by card, so that one slow count leaves the others standing."""
    try:
        return counted(cards)
    except DatabaseError:
        log.exception("the counts of the dashboard failed together")
    return [counted_alone(card) for card in cards]


def counted_alone(card: Card) -> Card:
    try:
        return counted([card])[0]
    except DatabaseError:
        return missing()


def counted(cards: Sequence[Card]) -> list[Card]:
    wanted = {
        f"{number}.{place}": (figure.rows, figure.since)
        for number, card in enumerate(cards)
        for place, figure in enumerate(card.figures)
        if figure.rows is not None
    }
    found = standings(wanted, MOST_COUNTED + 1)
    return [
        replace(
            card,
            figures=[filled(figure, found.get(f"{number}.{place}")) for place, figure in enumerate(card.figures)],
        )
        for number, card in enumerate(cards)
    ]


def filled(figure: Figure, standing: Standing | None) -> Figure:
    if standing is None:
        return figure
    shown = f"{standing.count:,}" if standing.count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"
    note = figure.note
    if standing.oldest is not None:
        note = _("oldest %(age)s") % {"age": cells.age(standing.oldest)}
    return replace(figure, value=shown, note=note, tone=figure.tone if standing.count else "none")
