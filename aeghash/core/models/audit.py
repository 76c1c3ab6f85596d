"""The audit trail: rows written in the act's own transaction, seals put on them behind the commit, heads told outside."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import ActorKind
from aeghash.core.models.append_only import AppendOnlyModel, OwnFunctionTrigger, RefuseChange
from aeghash.core.models.transaction_ids import CurrentTransactionId, TransactionIdField


class StampRow(OwnFunctionTrigger):
    """The database itself says in which transaction a row came, and what its text is: no writer can state another."""

    name = "stamp_row"
    operation = pgtrigger.Insert

    def function_call(self, model: type[models.Model]) -> str:
        return "stamp_audit_row()"


class AuditRow(AppendOnlyModel):
    """Who did what to which object. Unnumbered: a number of its own would make every writer queue behind the last."""

    at = models.DateTimeField(_("at"), default=clock.now)
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(_("actor"), max_length=100)
    actor_label = models.CharField(_("name of the actor"), max_length=320, blank=True)
    verb = models.CharField(_("what was done"), max_length=100)
    object_type = models.CharField(_("kind of object"), max_length=100, blank=True)
    object_id = models.CharField(_("object"), max_length=100, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.TextField(_("reason"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    transaction_id = TransactionIdField(db_default=CurrentTransactionId(), editable=False)
    canonical = models.TextField(db_default="", editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "audit_rows"
        verbose_name = _("audit row")
        verbose_name_plural = _("audit trail")
        triggers = (RefuseChange(), StampRow())
        constraints = (
            models.CheckConstraint(condition=Q(verb__regex=r"^[a-z_]+(\.[a-z_]+)+$"), name="audit_rows_verb_is_dotted"),
            models.CheckConstraint(condition=Q(actor_kind__in=ActorKind.values), name="audit_rows_kind_of_actor"),
            models.CheckConstraint(condition=~Q(actor_id=""), name="audit_rows_somebody_acts"),
        )
        indexes = (
            # The order in which rows are sealed.
            models.Index(fields=["transaction_id", "id"], name="audit_rows_in_order_of_seals"),
            models.Index(fields=["object_type", "object_id", "id"], name="audit_rows_of_object"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="audit_rows_of_actor"),
            models.Index(fields=["verb", "id"], name="audit_rows_of_verb"),
            models.Index(fields=["request_id", "id"], condition=~Q(request_id=""), name="audit_rows_of_request"),
            models.Index(fields=["at"], name="audit_rows_of_time"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}".strip()


class AuditSeal(AppendOnlyModel):
    """A row's place in the chain. No foreign key: a removed row must be told by its seal, not be hidden with it."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    audit_id = models.BigIntegerField(unique=True)
    audit_transaction_id = TransactionIdField()  # with audit_id: how far sealing has come
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(_("sealed"), default=clock.now)
    transaction_id = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "audit_seals"
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        constraints = (models.CheckConstraint(condition=Q(number__gte=1), name="audit_seals_count_from_one"),)
        indexes = (models.Index(fields=["transaction_id"], name="audit_seals_since"),)

    def __str__(self) -> str:
        return str(self.number)


class AuditHorizon(models.Model):
    """One row, which sealers lock: every audit row of a transaction before this one has been sealed."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "UPDATE")

    id = models.SmallIntegerField(primary_key=True, default=1)
    transaction_id = TransactionIdField(default=0)
    looked_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "audit_horizon"
        constraints = (models.CheckConstraint(condition=Q(id=1), name="audit_horizon_is_one_row"),)

    def __str__(self) -> str:
        return str(self.transaction_id)


class AuditHead(AppendOnlyModel):
    """The end of the chain as it was told to the alert channel, where nobody can take it back."""

    number = models.BigIntegerField(_("number"))
    hash = models.BinaryField(max_length=32)
    told_at = models.DateTimeField(_("told"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "audit_heads"
        verbose_name = _("audit head")
        verbose_name_plural = _("audit heads")

    def __str__(self) -> str:
        return str(self.number)
