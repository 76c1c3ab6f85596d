"""Fields that take one type, written one way. The REST framework's own would read `"yes"` as true and 12 as a text."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from aeghash.core.errors import Invalid
from aeghash.core.money import MOST_PLACES, Sign, format_amount, parse_json_amount

# Control characters but tab and line ends, and the marks that turn the reading direction: with these a text shows
# something else than it says. NUL is among them, which PostgreSQL can't keep.
UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LARGEST: Final = 2**63 - 1


class TextField(serializers.CharField):
    default_error_messages = {
        "invalid": "This is not a text.",
        "unseen": "This holds characters that can't be seen: control characters or direction marks.",
    }

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if UNSEEN.search(data):
            self.fail("unseen")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    def __init__(self, *, min_value: int = -LARGEST, max_value: int = LARGEST, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:  # neither a text nor a boolean, which Python takes for a number
            self.fail("invalid")
        return data


class YesNoField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class InstantField(serializers.DateTimeField):
    """A point in time: in with its offset, out in UTC."""

    default_error_messages = {"instant": "This is not a time with its offset such as 2026-11-21T09:00:00Z."}

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or (instant := instant_of(data)) is None:
            self.fail("instant")
        return instant


class DayField(serializers.DateField):
    default_error_messages = {"day": "This is not a day such as 2026-11-21."}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or (day := day_of(data)) is None:
            self.fail("day")
        return day


@extend_schema_field({"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$", "examples": ["12.5"]})
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """Decimal strings in and out; in, a whole JSON number as well."""

    def __init__(self, *, places: int = MOST_PLACES, sign: Sign = Sign.POSITIVE, **options: Any) -> None:
        self.places, self.sign = places, sign
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return parse_json_amount(data, places=self.places, sign=self.sign)
        except Invalid as refusal:
            said = refusal.parameters
        raise ValidationError(f"This {said['reason']}", code=said["reason_code"])

    def to_representation(self, value: Decimal) -> str:
        return format_amount(value, 0)


def instant_of(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC) if INSTANT.fullmatch(text) else None
    except (ValueError, OverflowError):  # the 30th of February; the year 0 in UTC
        return None


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
