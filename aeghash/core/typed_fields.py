"""Bases for our own model fields: generic for the type checker, which so knows that a field with `null` may be None."""

from typing import TYPE_CHECKING, TypeVar

from django.db import models

Set_contra = TypeVar("Set_contra", contravariant=True)
Get_co = TypeVar("Get_co", covariant=True)

if TYPE_CHECKING:
    TypedField = models.Field[Set_contra, Get_co]
    TypedDecimalField = models.DecimalField[Set_contra, Get_co]
else:

    class Bracketed:
        """Django's fields take no types in brackets at run time."""

        def __class_getitem__(cls, _types):
            return cls

    class TypedField(Bracketed, models.Field):
        pass

    class TypedDecimalField(Bracketed, models.DecimalField):
        pass
