"""What models share."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

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


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class SoftDeletableQuerySet(models.QuerySet[Row_co]):
    """`delete()` marks the rows, in the admin too; what really takes one away is `core.rows.remove`."""

    def delete(self) -> tuple[int, dict[str, int]]:
        marked = self.filter(deleted_at__isnull=True).update(deleted_at=clock.now())
        return marked, {self.model._meta.label: marked}


class NotDeleted(models.Manager[Row_co]):
    def get_queryset(self) -> SoftDeletableQuerySet[Row_co]:
        return SoftDeletableQuerySet(self.model, using=self._db).filter(deleted_at__isnull=True)


class AlsoDeleted(models.Manager[Row_co]):
    def get_queryset(self) -> SoftDeletableQuerySet[Row_co]:
        return SoftDeletableQuerySet(self.model, using=self._db)


class SoftDeletableModel(models.Model):
    """Deleted rows stay for what refers to them, and can come back. `objects` hides them, `with_deleted` doesn't."""

    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects: ClassVar[NotDeleted[Any]] = NotDeleted()
    with_deleted: ClassVar[AlsoDeleted[Any]] = AlsoDeleted()

    class Meta:
        abstract = True

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        if self.deleted_at is not None:
            return 0, {self._meta.label: 0}
        self.deleted_at = clock.now()
        self.save(using=using, update_fields=["deleted_at"])
        return 1, {self._meta.label: 1}

    def restore(self) -> None:
        self.deleted_at = None
        self.save(update_fields=["deleted_at"])
