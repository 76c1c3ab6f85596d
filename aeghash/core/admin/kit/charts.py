"""Charts drawn by the server: SVG that needs no script, with the same numbers as a table for those who don't see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

Number = int | Decimal | float
Series = Mapping[str | Promise, Sequence[Number]]
# As wide as a card, so that its letters are as large as the page's.
WIDTH: Final = 400
HEIGHT: Final = 150
LEFT: Final = 36
LETTER: Final = 6.5  # of the axis, at its widest
BOTTOM: Final = 22
TOP: Final = 8
GRID_LINES: Final = 2
GAP: Final = 6
MOST_LABELS: Final = 6


@dataclass(frozen=True)
class Rectangle:
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True)
class Shape:
    """One series as it is drawn: rectangles or a path, and the area under it."""

    number: int
    rectangles: Sequence[Rectangle] = ()
    line: str = ""
    area: str = ""


@dataclass(frozen=True)
class Scale:
    labels: Sequence[str]
    top: float

    @property
    def left(self) -> float:
        """Room for the longest number of the axis."""
        return max(LEFT, GAP + LETTER * max(len(_shown(self.top)), len(_shown(self.top / GRID_LINES))))

    def x(self, position: float) -> float:
        return self.left + (WIDTH - self.left) * position / max(len(self.labels), 1)

    def y(self, value: Number) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - max(float(value), 0.0) / self.top)


def bar_chart(title: str | Promise, labels: Sequence[str], series: Series) -> SafeString:
    return _drawn(title, labels, series, _bars)


def line_chart(title: str | Promise, labels: Sequence[str], series: Series) -> SafeString:
    return _drawn(title, labels, series, _line)


def area_chart(title: str | Promise, labels: Sequence[str], series: Series) -> SafeString:
    return _drawn(title, labels, series, _area)


def _drawn(title: str | Promise, labels: Sequence[str], series: Series, draw: object) -> SafeString:
    scale = Scale(labels, round_above(max((float(v) for values in series.values() for v in values), default=0.0)))
    shapes = [draw(scale, number, len(series), values) for number, values in enumerate(series.values(), 1)]  # type: ignore[operator]
    rows = [(label, [values[i] for values in series.values()]) for i, label in enumerate(labels)]
    legend = [(number, name) for number, name in enumerate(series, 1)]
    context: dict[str, Any] = {"title": title, "shapes": shapes, "legend": legend, "rows": rows, "names": list(series)}
    context |= {"grid": _grid(scale), "ticks": _ticks(scale), "width": WIDTH, "height": HEIGHT}
    context |= {"left": _n(scale.left), "left_of_axis": _n(scale.left - GAP)}
    return render_to_string("admin/kit/chart.html", context)


def round_above(value: float) -> float:
    """The next of 2, 4, 6, 8, 10, 20, 40 …, whose half is a whole number too; 2 where there is nothing to draw."""
    if value <= 0:
        return 2.0
    unit = 10.0 ** floor(log10(value))
    return next(step * unit for step in (2, 4, 6, 8, 10) if step * unit >= value)


def _bars(scale: Scale, number: int, of: int, values: Sequence[Number]) -> Shape:
    room = (scale.x(1) - scale.x(0)) * 0.72
    width, offset = room / of, (scale.x(1) - scale.x(0)) * 0.14
    bottom = scale.y(0)
    rectangles = [
        Rectangle(
            _n(scale.x(i) + offset + width * (number - 1)), _n(scale.y(v)), _n(width * 0.94), _n(bottom - scale.y(v)),
            f"{scale.labels[i]}: {_shown(v)}",
        )
        for i, v in enumerate(values)
    ]  # fmt: skip
    return Shape(number, rectangles=rectangles)


def _line(scale: Scale, number: int, _of: int, values: Sequence[Number]) -> Shape:
    return Shape(number, line=_path(scale, values))


def _area(scale: Scale, number: int, _of: int, values: Sequence[Number]) -> Shape:
    line = _path(scale, values)
    if not values:
        return Shape(number)
    first, last, bottom = _n(scale.x(0.5)), _n(scale.x(len(values) - 0.5)), _n(scale.y(0))
    return Shape(number, line=line, area=f"{line} L{last} {bottom} L{first} {bottom} Z")


def _path(scale: Scale, values: Sequence[Number]) -> str:
    points = [f"{_n(scale.x(i + 0.5))} {_n(scale.y(v))}" for i, v in enumerate(values)]
    return f"M{' L'.join(points)}" if points else ""


def _grid(scale: Scale) -> list[tuple[str, str, str]]:
    """Each line's height, its label's, and the label."""
    lines = []
    for i in range(GRID_LINES + 1):
        value = scale.top * i / GRID_LINES
        lines.append((_n(scale.y(value)), _n(scale.y(value) + 4), _shown(value)))
    return lines


def _ticks(scale: Scale) -> list[tuple[str, str]]:
    step = max(1, -(-len(scale.labels) // MOST_LABELS))
    return [(_n(scale.x(i + 0.5)), label) for i, label in enumerate(scale.labels) if i % step == 0]


def _shown(value: Number) -> str:
    return (
        f"{float(value):,.10g}"
        if abs(float(value)) < 1
        else f"{Decimal(str(value)):,f}".rstrip("0").rstrip(".")
        if "." in str(value)
        else f"{value:,}"
    )


def _n(value: float) -> str:
    """Never in the language's own way of writing numbers: a comma would break the path."""
    return f"{value:.1f}"
