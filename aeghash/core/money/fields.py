"""Amounts in the database and in forms."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.money.amounts import (
    MOST_DIGITS,
    MOST_PLACES,
    TOO_LARGE,
    Sign,
    format_amount,
    parse_amount,
    round_down,
    without_trailing_zeros,
)
from aeghash.core.typed_fields import Get_co, Set_contra, TypedDecimalField

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable
    from django.utils.functional import _StrPromise


class MoneyFormField(forms.CharField):
    """Django's DecimalField would take `1e5` and `１`."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return _parsed(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return format_amount(value, 0) if isinstance(value, Decimal) else value


class MoneyField(TypedDecimalField[Set_contra, Get_co]):
    """An amount of at most 20 digits before the point and 18 behind it, exact.

    PostgreSQL sorts NaN above every number, so `> 0` lets it pass: the column's own check refuses it, together with the
    infinities. It stands in the column's definition (Django's `db_check`, as under PositiveIntegerField), so no model can
    forget it and no migration has to depend on another's domain. Only a column that Django turns from another type into
    this one doesn't get it; a test looks at every amount of the product.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: Decimal | int | Combinable
        _pyi_private_get_type: Decimal

    description = _("Amount of money")

    def __init__(self, verbose_name: "str | _StrPromise | None" = None, **options: Any) -> None:
        options |= {"max_digits": MOST_DIGITS, "decimal_places": MOST_PLACES}
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> Any:
        name, path, positional, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, positional, options

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        return f"{column} > '-Infinity'::numeric AND {column} < 'Infinity'::numeric"

    def to_python(self, value: Any) -> Any:
        """Also on the way to the database, which would round a nineteenth place away in silence."""
        if isinstance(value, str):
            return _parsed(value)
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if value is not None and not (isinstance(value, Decimal) and _fits(value)):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})
        return value

    def from_db_value(self, value: Decimal | None, *_: object) -> Decimal | None:
        return None if value is None else without_trailing_zeros(value)

    def formfield(self, **options: Any) -> Any:
        # Not DecimalField's own: that one hands over digits and places, which a text input knows nothing of.
        return super(models.DecimalField, self).formfield(**{"form_class": MoneyFormField, **options})


def _fits(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) < TOO_LARGE and round_down(amount, MOST_PLACES) == amount


def _parsed(text: str) -> Decimal:
    try:
        return parse_amount(text, places=MOST_PLACES, sign=Sign.ANY)
    except Invalid as refusal:
        raise ValidationError(refusal.parameters["reason"], code=refusal.parameters["reason_code"]) from None
