from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models.transaction_ids import CurrentTransactionId, TransactionIdField


class TransactionStampedModel(models.Model):
    """Rows that are only ever inserted, each with the transaction that did it, for consumers by watermark."""

    xid = TransactionIdField(db_default=CurrentTransactionId(), editable=False, db_index=True)

    class Meta:
        abstract = True


class Watermark(models.Model):
    """How far one consumer has come: every transaction below `position` has been taken."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    position = models.BigIntegerField(_("position"), default=0)
    moved_at = models.DateTimeField(_("moved"), default=clock.now)

    class Meta:
        db_table = "watermarks"
        verbose_name = _("watermark")
        verbose_name_plural = _("watermarks")
        constraints = (
            models.CheckConstraint(condition=models.Q(position__gte=0), name="watermarks_position_not_negative"),
        )

    def __str__(self) -> str:
        return self.name
