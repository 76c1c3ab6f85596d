"""What models share."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.base import ModelBase
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock


class TimestampedModel(models.Model):
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=clock.now, editable=False)

    class Meta:
        abstract = True

    def save(
        self,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        if not self._state.adding:
            self.updated_at = clock.now()
            update_fields = None if update_fields is None else {*update_fields, "updated_at"}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    def dict(self) -> dict[str, Any]:
        """Every column by its field's name."""
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    def update(self, **fields: Any) -> None:
        """Set these fields and write them, and nothing else."""
        unknown = set(fields) - {field.name for field in self._meta.concrete_fields}
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=fields.keys())
