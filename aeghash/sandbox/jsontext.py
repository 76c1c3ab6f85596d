"""JSON as the remotes read and write it: decimals stay exact, and one value has one text."""

import json
from decimal import Decimal
from typing import Any, NoReturn

JsonObject = dict[str, Any]


def to_json(value: Any) -> str:
    """Return compact ASCII JSON; a Decimal becomes a number with exactly its digits."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except TypeError:
        # The fast writer knows no Decimal. Few answers hold one: a transit's fee, a fault's seconds.
        return _text(value)


def from_json(body: bytes) -> Any:
    """Return the value of a JSON text; ValueError for whatever isn't one."""
    try:
        return json.loads(body.decode(), parse_float=Decimal, parse_constant=_refuse_constant)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("the JSON is too deep or holds a number without measure") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(part) for part in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
