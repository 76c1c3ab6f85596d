"""Lists as files: CSV that streams, XLSX that never stands in memory as a whole; neither can run a formula."""

import contextvars
import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import xlsxwriter
from django.db.models import Model, QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Refusal

M = TypeVar("M", bound=Model)
Columns = Mapping[str | Promise, Callable[[Any], Any]]
CHUNK: Final = 2000
FORMATS: Final = {"csv": "CSV", "xlsx": "Excel"}
BOM: Final = "\ufeff"  # without it Excel takes Korean for Latin-1
ROWS_OF_A_SHEET: Final = 1_048_575
DIGITS_OF_A_SHEET: Final = 15
# What makes a spreadsheet calculate, in half and full width; after spaces as well, which some programs strip.
STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TooManyRows(Refusal):
    code = "too_many_rows"
    sentence = _("A spreadsheet holds %(most)s rows at most: narrow the list, or take CSV.")


def as_csv(queryset: QuerySet[M], columns: Columns, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        _in_this_context(_csv_lines(queryset, columns)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(queryset: QuerySet[M], columns: Columns, name: str) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for row, values in enumerate(_rows(queryset, columns)):
            if row > ROWS_OF_A_SHEET:
                raise TooManyRows(most=ROWS_OF_A_SHEET)
            for column, value in enumerate(values):
                _write_cell(sheet, row, column, value)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")


MAKERS: Final[Mapping[str, Callable[[QuerySet[Any], Columns, str], HttpResponseBase]]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
}


def harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_FORMULA) else text


def in_chunks(queryset: QuerySet[M]) -> Iterator[M]:
    """Newest first, by key and not by cursor: nothing in the database stays open while somebody's line is slow."""
    last: Any = None
    while True:
        rest = queryset.order_by("-pk") if last is None else queryset.filter(pk__lt=last).order_by("-pk")
        rows = list(rest[:CHUNK])
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].pk


def plain(value: Any) -> Any:
    """A number stays a number; all else is text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return value
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    return harmless(str(value))


def _rows(queryset: QuerySet[M], columns: Columns) -> Iterator[list[Any]]:
    yield [plain(str(label)) for label in columns]
    for row in in_chunks(queryset):
        yield [plain(value(row)) for value in columns.values()]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(queryset: QuerySet[M], columns: Columns) -> Iterator[str]:
    yield BOM
    writer = csv.writer(_Echo())
    for values in _rows(queryset, columns):
        yield writer.writerow([format(value, "f") if isinstance(value, Decimal) else value for value in values])


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    """Beyond fifteen digits a sheet's number is another number: those stay text."""
    if isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) <= DIGITS_OF_A_SHEET:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, format(value, "f") if isinstance(value, Decimal) else str(value))


def _in_this_context(lines: Iterable[str]) -> Iterator[str]:
    """The server reads on after the middleware is through: language, zone and viewer must still be the request's.

    So they are taken now, and not when the first line is asked for.
    """
    context, iterator, end = contextvars.copy_context(), iter(lines), object()

    def in_it() -> Iterator[str]:
        while (line := context.run(next, iterator, end)) is not end:
            yield line  # type: ignore[misc]

    return in_it()
