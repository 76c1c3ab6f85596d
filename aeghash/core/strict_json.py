"""JSON without the surprises: what two readers could take for two different things is refused.

The standard library takes the last of two equal names, NaN, numbers that overflow to infinity, and any depth
until the interpreter's stack is full. None of that may reach code that moves money. Numbers come out as `int`
or `Decimal`, never as a float.
"""

import json
import re
from decimal import Decimal
from typing import Any, Final, TypeAlias

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_DEPTH: Final = 32
MAX_NUMBER_LENGTH: Final = 64
MAX_EXPONENT: Final = 40

# The next bracket that isn't in a string, or the end of the text, whatever comes before: one match a bracket, since most of
# a text is strings. A string that isn't closed runs to the end of the text: with the closing quote demanded, each escaped
# quote in it would start a search of its own, and the time would grow with the square of the length. Nothing backtracks
# either, and the end is a match, or what follows the last bracket would be searched from each of its characters.
_BRACKET: Final = re.compile(r'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+([\[\]{}]|\Z)', re.DOTALL)
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SENTENCES: Final = {
    "encoding": "The text isn't UTF-8.",
    "syntax": "The text isn't JSON.",
    "depth": "Arrays and objects are nested too deeply.",
    "duplicate_key": "One name occurs twice in one object.",
    "constant": "NaN and infinities aren't JSON.",
    "number": "A number is too long or its exponent too large.",
    "fraction": "A number with a fraction or an exponent isn't accepted here.",
    "surrogate": "A string holds half of a surrogate pair.",
    "type": "A value has no form in JSON.",
}


class BadJson(ValueError):
    """Why a text isn't acceptable JSON, or a value has none: `code` for programs, a sentence for people.

    `offset` is where, counted in characters (in bytes for `encoding`), and None where that isn't known. The
    text itself is kept nowhere in it, for it may hold secrets.
    """

    def __init__(self, code: str, offset: int | None = None) -> None:
        super().__init__(code, offset)
        self.code = code
        self.offset = offset

    def __str__(self) -> str:
        where = "" if self.offset is None else f" (at {self.offset})"
        return _SENTENCES[self.code] + where


def parse(raw: bytes, *, max_depth: int = MAX_DEPTH, allow_fraction: bool = True) -> JsonValue:
    """The value of one JSON document; raises `BadJson`, and nothing else, whatever the bytes are.

    How long `raw` may be is the caller's to limit.
    """
    text = _decoded(raw)
    _check_depth(text, max_depth)
    value = _loaded(text, allow_fraction=allow_fraction)
    if _SURROGATE_ESCAPE.search(text):
        _check_strings(value)
    return value


def dump(value: JsonValue, *, max_depth: int = MAX_DEPTH) -> bytes:
    """One line of JSON that `parse` takes back; raises `BadJson` for a float, NaN, a name that isn't text.

    `Decimal` is written out in full (`0.0005`, never `5E-4`): some readers don't know exponents.
    """
    text = _written(value, max_depth)
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    raise BadJson("surrogate")


def _decoded(raw: bytes) -> str:
    # Each failure is raised outside its `except`: the library's exception holds the text, and would ride
    # along as `__context__` even with `from None`.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start
    raise BadJson("encoding", offset)


def _loaded(text: str, *, allow_fraction: bool) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal if allow_fraction else _no_fraction,
            parse_constant=_no_constant,
        )
        return value
    except json.JSONDecodeError as error:
        offset = error.pos
    raise BadJson("syntax", offset)


def _check_depth(text: str, max_depth: int) -> None:
    """Before the parser sees the text, which recurses once per level."""
    depth = 0
    for match in _BRACKET.finditer(text):
        bracket = match[1]
        if bracket in ("[", "{"):
            depth += 1
            if depth > max_depth:
                raise BadJson("depth", match.start(1))
        elif bracket:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadJson("duplicate_key")
    return result


def _integer(literal: str) -> int:
    if len(literal) > MAX_NUMBER_LENGTH:
        raise BadJson("number")
    return int(literal)


def _decimal(literal: str) -> Decimal:
    # Looked at first, for what Decimal does beyond its own limits depends on the thread's context.
    _, _, exponent = literal.lower().partition("e")
    if len(literal) > MAX_NUMBER_LENGTH or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise BadJson("number")
    return Decimal(literal)


def _no_fraction(_literal: str) -> Decimal:
    raise BadJson("fraction")


def _no_constant(_literal: str) -> None:
    raise BadJson("constant")


def _check_strings(value: JsonValue) -> None:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadJson("surrogate")
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_strings(name)
            _check_strings(item)


def _written(value: object, depth_left: int) -> str:
    if isinstance(value, dict | list) and depth_left < 1:
        raise BadJson("depth")
    if isinstance(value, dict):
        members = (_name(name) + ":" + _written(item, depth_left - 1) for name, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(item, depth_left - 1) for item in value) + "]"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return _number(value)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise BadJson("type")
    return json.dumps(name, ensure_ascii=False)


def _number(value: object) -> str:
    if not isinstance(value, int | Decimal):
        raise BadJson("type")
    exact = Decimal(value)
    if not exact.is_finite():
        raise BadJson("constant")
    # Asked before it is written out: 1E+999999999 would be a gigabyte of zeros.
    text = f"{exact:f}" if abs(exact.adjusted()) < MAX_NUMBER_LENGTH else ""
    if not 0 < len(text) <= MAX_NUMBER_LENGTH:
        raise BadJson("number")
    return text
