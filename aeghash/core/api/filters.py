"""What may stand behind the `?`."""

from collections.abc import Set
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from aeghash.core.api.fields import instant_of

MOST_NAMED: Final = 20
UNKNOWN: Final = ErrorDetail("There is no such parameter.", code="unknown_parameter")
REPEATED: Final = ErrorDetail("This parameter is given more than once.", code="repeated_parameter")


def check_query(request: Request, known: Set[str]) -> None:
    """A filter that isn't understood would be one that doesn't filter: everything would seem to match."""
    given = request.query_params
    wrong = {name: [UNKNOWN] for name in sorted(given.keys() - known)}
    wrong |= {name: [REPEATED] for name in sorted(given.keys() & known) if len(given.getlist(name)) > 1}
    if wrong:
        raise ValidationError(dict(list(wrong.items())[:MOST_NAMED]))


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]  # no stubs
    """What a list may be filtered by: fields named one by one. The view refuses all others."""


class InstantFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        instant = instant_of(text) if text else None
        if text and instant is None:
            raise FormError("This is not a time with its offset such as 2026-11-21T09:00:00Z.", code="instant")
        return instant


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # no stubs
    """django-filter's own takes a time without an offset and guesses."""

    field_class = InstantFormField
