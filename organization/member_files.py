"""Files of members: a table as CSV, in UTF-8 or in what Korean spreadsheets write (CP949)."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Refusal

NEEDED: Final = ("uid", "sponsor_uid")
ALSO: Final = ("email", "name", "side")
ENCODINGS: Final = ("utf-8-sig", "cp949")
CHUNK: Final = 1 << 20
EVERY: Final = 10_000  # lines between two looks at the progress

Tell = Callable[[int], None]


class WrongHeader(Refusal):
    code = "wrong_header"
    status = 400
    sentence = _(
        "Line 1 must name the columns uid and sponsor_uid, and may name email, name and side; it says: %(found)s"
    )


class NotText(Refusal):
    code = "not_text"
    status = 400
    sentence = _("The file is neither UTF-8 nor CP949: line %(line)s can't be read.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a line, and with it the file, from being imported."""

    line: int
    field: str
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    uid: str
    sponsor_uid: str | None
    email: str | None = None
    name: str = ""
    side: str | None = None


def read(path: Path, tell: Tell) -> Iterator[Line | Fault]:
    """Every line of the table; `tell` hears how many bytes have been read. Refuses a wrong header, and what isn't text."""
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding_of(path), newline="") as file:
        rows = csv.reader(file, strict=True)
        header = [name.strip() for name in next(rows, [])]
        if sorted({*header, *ALSO}) != sorted((*NEEDED, *ALSO)) or len(set(header)) != len(header):
            raise WrongHeader(found=", ".join(header)[:200])
        begins = rows.line_num + 1  # a cell may hold line breaks
        try:
            for count, row in enumerate(rows):
                if any(row):
                    yield line_of(begins, header, row)
                begins = rows.line_num + 1
                if count % EVERY == 0:
                    tell(raw.tell())
        except csv.Error:
            yield Fault(begins, "", _("can't be read, nor what follows"))


def line_of(number: int, header: Sequence[str], row: Sequence[str]) -> Line | Fault:
    if len(row) != len(header):
        return Fault(number, "", _("has another number of columns than line 1"))
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    return Line(
        number=number,
        uid=cells["uid"],
        sponsor_uid=cells["sponsor_uid"] or None,
        email=cells.get("email") or None,
        name=cells.get("name", ""),
        side=cells.get("side") or None,
    )


def encoding_of(path: Path) -> str:
    """The first that fits all of it: whatever CP949 makes of UTF-8, UTF-8 makes nothing of CP949."""
    failed_at = 0
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        line = 1
        with path.open("rb") as file:
            try:
                while chunk := file.read(CHUNK):
                    line += decoder.decode(chunk).count("\n")
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                failed_at = max(failed_at, line + error.object[: error.start].count(b"\n"))
            else:
                return encoding
    raise NotText(line=failed_at)
