"""What the staff's templates need besides Django's own tags."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import template
from django.contrib.admin.templatetags.admin_list import items_for_result, result_headers
from django.contrib.admin.views.main import PAGE_VAR
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from aeghash.core.admin.kit import cells

register = template.Library()
register.simple_tag(cells.copy_button)
register.filter("moment", cells.moment)
register.filter("short_moment", cells.short_moment)
register.filter("person", cells.person)
register.filter("as_value", cells.words)
register.simple_tag(cells.badge)

CELL: Final = re.compile(r"^<(td|th)( class=\"[^\"]*\")?")


@dataclass(frozen=True)
class Row:
    """A line of a list. `label` is what a screen reader calls its box for choosing."""

    key: Any
    label: str
    cells: list[SafeString]


@register.simple_tag
def headers(changelist: Any) -> list[dict[str, Any]]:
    """Django's, each with whether its column holds numbers and how it is sorted, for those who don't see the arrow."""
    found = list(result_headers(changelist))
    for name, header in zip(changelist.list_display, found, strict=True):
        header["is_number"] = is_number(changelist, name)
        if header.get("sorted"):
            header["order"] = "ascending" if header["ascending"] else "descending"
    return found


@register.simple_tag
def rows(changelist: Any) -> Iterator[Row]:
    """Django's cells, each told the name of its column: on a phone there is no head above it."""
    found = headers(changelist)
    for result in changelist.result_list:
        items = items_for_result(changelist, result, None)
        yield Row(
            result.pk,
            changelist.model_admin.title_of(result),
            [named(cell, header) for cell, header in zip(items, found, strict=True)],
        )


def named(cell: str, header: dict[str, Any]) -> SafeString:
    number = ' class="number"' if header["is_number"] else ""
    label = escape(capfirst(header["text"]))
    scope = ' scope="row"' if cell.startswith("<th") else ""
    return mark_safe(CELL.sub(lambda tag: f'<{tag[1]}{scope}{number} data-label="{label}"', cell, count=1))  # noqa: S308 - Django's own cell


def is_number(changelist: Any, name: Any) -> bool:
    attribute = getattr(changelist.model_admin, name, None) if isinstance(name, str) else name
    return bool(getattr(attribute, "is_number", False))


@register.simple_tag
def page_links(changelist: Any) -> list[tuple[str, str]]:
    """Each page's text and address; without an address it is the current one, or a gap."""
    paginator = changelist.paginator
    return [
        (str(number), "" if number in (changelist.page_num, paginator.ELLIPSIS) else page_url(changelist, number))
        for number in paginator.get_elided_page_range(changelist.page_num)
    ]


def page_url(changelist: Any, number: int | str) -> str:
    return str(changelist.get_query_string({PAGE_VAR: number}))


@register.simple_tag
def kept_parameters(changelist: Any) -> list[tuple[str, str]]:
    """For the search form: what else narrows the list stays."""
    dropped = {"q", PAGE_VAR}
    return [
        (name, value) for name, values in changelist.filter_params.items() if name not in dropped for value in values
    ]


@register.simple_tag
def shown_tabs(screen: Any, changelist: Any) -> Any:
    return screen.shown_tabs(changelist)


@register.simple_tag
def plain_filters(changelist: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """All but the tabs, which stand above."""
    specs = [spec for spec in changelist.filter_specs if spec.title]
    return [(spec.title, list(spec.choices(changelist))) for spec in specs]


@register.simple_tag
def act_url(screen: Any, act: Any) -> str:
    return reverse(f"admin:{screen.name}_act", args=[act.name])


@register.simple_tag
def export_url(screen: Any, kind: str, query: str) -> str:
    return f"{reverse(f'admin:{screen.name}_export', args=[kind])}?{query}"


@register.filter
def as_data(value: Any) -> str:
    """JSON as people read it: indented, Korean as Korean."""
    if value is None:
        return cells.NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)


@register.filter
def grouped(amount: Decimal) -> str:
    return cells.grouped(amount)


@register.filter
def title_in(row: Any, screen: Any) -> str:
    return str(screen.title_of(row))


@register.filter
def url_in(row: Any, screen: Any) -> str:
    return str(screen.row_url(row))
