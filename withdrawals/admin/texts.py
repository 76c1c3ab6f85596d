"""Texts that strangers wrote: shown so that they can neither hide a part of themselves nor pass for another text."""

import unicodedata
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.audit.masking import partly_masked

SHOWN: Final = 60
GROUP: Final = 4
# Letters by category, and yet nothing to be seen.
BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Alphabets whose letters look like Latin ones.
ALIKE: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH LATIN", "MATHEMATICAL", "COPTIC", "LISU")
MOST_MARKS: Final = 2


def plainly(text: str | None, most: int = SHOWN) -> SafeString | str:
    """A name or a note: what can't be seen is named by its number, what is too long is cut, and what mixes alphabets that
    look alike says so. It can't turn the text around it, either."""
    if not text:
        return cells.NOTHING
    shown = text if len(text) <= most else f"{text[:most]}…"
    warning = format_html(' <span class="badge warn">{}</span>', _("mixed alphabets")) if mixes_alphabets(text) else ""
    return format_html('<bdi class="outside">{}</bdi>{}', marked(shown, is_odd), warning)


def marked(text: str, odd: "object") -> SafeString:
    """Each character that deceives as its number."""
    pieces, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        is_marked = odd(character) or marks > MOST_MARKS  # type: ignore[operator]
        pieces.append(
            (format_html('<span class="odd">U+{}</span>', f"{ord(character):04X}") if is_marked else character,)
        )
    return format_html_join("", "{}", pieces)


def is_odd(character: str) -> bool:
    return character in BLANK or (character not in "\n\t" and unicodedata.category(character) in HIDDEN)


def is_not_ascii(character: str) -> bool:
    """Addresses are Latin letters and digits alone: anything else only looks like one."""
    return not ("!" <= character <= "~")


def mixes_alphabets(text: str) -> bool:
    names = [unicodedata.name(character, "") for character in text if character.isalpha()]
    return any(name.startswith("LATIN") for name in names) and any(name.startswith(ALIKE) for name in names)


def address_in_groups(text: str | None) -> SafeString | str:
    """The whole of it in fours, as people compare: on the screen, aloud, and against another screen."""
    if not text:
        return cells.NOTHING
    if not viewer.sees_personal_data():
        return masked_address(text)
    pieces = [(marked(text[at : at + GROUP], is_not_ascii),) for at in range(0, len(text), GROUP)]
    groups = format_html('<span class="groups code">{}</span>', format_html_join("", "<span>{}</span>", pieces))
    if is_strange(text):
        return format_html('{} <p class="message error">{}</p>', groups, strange_warning())
    return format_html("{} {}", groups, cells.copy_button(text))


def short_address(text: str | None) -> SafeString | str:
    """In a list: both ends; one that deceives says so there already."""
    if not text:
        return cells.NOTHING
    if not viewer.sees_personal_data():
        return masked_address(text)
    head, tail = cells.SHOWN_OF_ADDRESS
    if not is_strange(text):
        return cells.address(text)
    ends = text if len(text) <= head + tail + 2 else f"{text[:head]}…{text[-tail:]}"
    return format_html('<span class="code">{}</span> {}', marked(ends, lambda one: one != "…" and is_not_ascii(one)),
                       cells.badge(_("strange characters"), "bad"))  # fmt: skip


def masked_address(text: str) -> SafeString:
    return format_html('<bdi class="code">{}</bdi>', marked(partly_masked(text), is_odd))


def is_strange(text: str) -> bool:
    return any(is_not_ascii(character) for character in text)


def strange_warning() -> str:
    return _("This address has characters that only look like letters and digits. Don't approve it.")
