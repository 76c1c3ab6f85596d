"""The model field that keeps secrets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.apps.registry import Apps
from django.core.checks import CheckMessage, Error
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from aeghash.core.crypto.sealing import Place, seal, unseal
from aeghash.core.crypto.secrets import Secret
from aeghash.core.typed_fields import Get_co, Set_contra, TypedField

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Sealed(bytes):
    """What the column holds."""


class SecretAttribute(DeferredAttribute):
    """Deciphers when it is asked for, not when the row is read: only then is the row's primary key known for sure."""

    field: "EncryptedTextField[Any, Any]"

    def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, owner)
        if instance is None or not isinstance(value, Sealed):
            return value
        secret = Secret(unseal(value, self.field.place(instance.pk)))
        instance.__dict__[self.field.attname] = secret
        return secret

    def __set__(self, instance: models.Model, value: object) -> None:
        if not (value is None or isinstance(value, str | Secret | Sealed)):
            raise TypeError(f"{self.field} holds text, not {type(value).__name__}")
        instance.__dict__[self.field.attname] = Secret(value) if isinstance(value, str) else value


class EncryptedTextField(TypedField[Set_contra, Get_co]):
    """Text that is encrypted at rest and comes back as a `Secret`.

    The row is told by its primary key, which therefore must be known before the insert (a UUID, another row's key). Every
    save encrypts anew with the newest key. What knows no row can't encrypt: `QuerySet.update()` and `bulk_update()` are
    refused, and so is every lookup but `isnull`.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: str | Secret
        _pyi_private_get_type: Secret

    descriptor_class = SecretAttribute

    def __init__(self, verbose_name: "str | _StrPromise | None" = None, **options: Any) -> None:
        # No form may show the mask and save it as the new secret.
        super().__init__(verbose_name, **{**options, "editable": False})

    def deconstruct(self) -> Any:
        name, path, positional, options = super().deconstruct()
        del options["editable"]
        return name, path, positional, options

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **options: Any) -> list[CheckMessage]:
        return [*super().check(**options), *self._check_primary_key()]

    def place(self, row: object) -> Place:
        key = self.model._meta.pk
        return Place(table=self.model._meta.db_table, column=str(self.column), row=str(key.to_python(row)))

    def from_db_value(self, value: bytes | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        secret: Secret | None = getattr(model_instance, self.attname)
        return None if secret is None else Sealed(seal(secret.reveal(), self.place(model_instance.pk)))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or isinstance(value, Sealed):
            return super().get_db_prep_value(value and bytes(value), connection, prepared)
        raise TypeError(f"{self} can't be encrypted without its row: save the instance")

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def _check_primary_key(self) -> Iterator[CheckMessage]:
        key = self.model._meta.pk
        if isinstance(key, models.AutoField | models.BigAutoField | models.SmallAutoField):
            hint = "Give the model a UUID, or another row's key, as its primary key."
            yield Error(
                f"The primary key must be known before the insert ({self}).", hint=hint, obj=self, id="core.E001"
            )


def encrypted_fields(registry: Apps = apps) -> list[EncryptedTextField[Any, Any]]:
    """Every such column of the product."""
    models_with_tables = [model for model in registry.get_models() if not model._meta.proxy]
    columns = [field for model in models_with_tables for field in model._meta.local_concrete_fields]
    return [field for field in columns if isinstance(field, EncryptedTextField)]
