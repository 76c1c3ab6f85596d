"""What a request's body may hold, and what an answer shows."""

from collections.abc import Mapping
from typing import Any, Final, cast

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from aeghash.core.api.fields import InstantField

MOST_NAMED: Final = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it doesn't know: a misspelt one would be a wish that nobody heard.

    Without fields of its own, it says that a request takes none.
    """

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = self.unknown_fields(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**cast(dict[str, Any], error.detail), **unknown}) from None
        if unknown:
            raise ValidationError(unknown)
        return values

    def unknown_fields(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = {name for name, field in self.fields.items() if not field.read_only}
        names = sorted(str(name) for name in data if name not in known)[:MOST_NAMED]
        return {name: [ErrorDetail("There is no such field.", code="unknown_field")] for name in names}


class RowSerializer(serializers.ModelSerializer[Any]):
    """How a row is shown. Never for input: rows are changed by operations."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: InstantField,
    }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for shown in fields.values():
            shown.read_only = True
        return fields


def given(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The values of a request's body; raises ValidationError."""
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    values: dict[str, Any] = read.validated_data
    return values
