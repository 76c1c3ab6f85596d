"""JSON values that read the same wherever they are read: no floats, decimals as strings, times in UTC."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def plain(value: Any) -> Json:
    match value:
        case None | bool():
            return value
        case str():
            return plain_text(value)
        case int():
            return int(value)
        case Decimal():
            return plain_decimal(value)
        case datetime():
            return plain_time(value)
        case date() | UUID():
            return str(value)
        case Mapping():
            return {plain_text(str(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no one way to be written down")


def plain_text(text: str) -> str:
    """PostgreSQL knows neither NUL nor lone surrogates; a trail must be able to tell that somebody sent them."""
    return str(text).replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def plain_decimal(number: Decimal) -> str:
    if not number.is_finite():
        raise TypeError(f"{number} is no amount")
    return format(number, "f")


def plain_time(time: datetime) -> str:
    if time.tzinfo is None:
        raise TypeError("a time without a zone is no time")
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
