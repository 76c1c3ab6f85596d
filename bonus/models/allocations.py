"""That an order was shared out, what of it went to nobody and why, and what it brought the pool."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import AppendOnlyModel
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.models.transaction_ids import CurrentTransactionId, TransactionIdField
from aeghash.core.money import MoneyField
from bonus.models.closings import Closing
from bonus.models.kinds import BonusType
from bonus.models.rules import Rule
from organization.models import Member, Order


class Allocation(AppendOnlyModel):
    """Its row makes an order's bonuses happen once: whoever comes second waits for it, and finds all done."""

    order = models.OneToOneField(
        Order, models.PROTECT, primary_key=True, related_name="allocation", verbose_name=_("order")
    )
    buyer = models.ForeignKey(Member, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    center = models.ForeignKey(Member, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False)
    pv = MoneyField(_("PV"))
    rule = models.ForeignKey(
        Rule,
        models.PROTECT,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("version"),
    )
    paid_at = models.DateTimeField(_("paid"))
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "bonus_allocations"
        verbose_name = _("order shared out")
        verbose_name_plural = _("orders shared out")

    def __str__(self) -> str:
        return f"#{self.order_id}"


class Why(models.TextChoices):
    NOBODY = "nobody", _("nobody stands at this level")
    INACTIVE = "inactive", _("the member is not active")
    RANK = "rank_too_low", _("the member's rank was too low")
    NO_CENTER = "no_center", _("the order has no center")
    NOT_A_CENTER = "not_a_center", _("the member is no center any more")
    NO_REFERRER = "no_referrer", _("nobody referred the center")
    ROUNDING = "rounding", _("less than a unit of POINT")
    NOT_IN_PLAN = "not_in_plan", _("the plan gives it to nobody")
    NO_RULE = "no_rule", _("no version of the rules held")


class Unallocated(AppendOnlyModel):
    """A part of an order that stays with the company. `member` is who would have had it, with the rank then."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="unallocated", db_constraint=False, db_index=False, verbose_name=_("order")
    )
    type = models.CharField(_("type"), max_length=15, choices=BonusType.choices, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    amount = MoneyField(_("PV"))
    reason = models.CharField(_("why"), max_length=12, choices=Why.choices)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False, db_index=False
    )
    rank = models.CharField(_("rank then"), max_length=4, blank=True)

    class Meta(AppendOnlyModel.Meta):
        db_table = "bonus_unallocated"
        verbose_name = _("unallocated part")
        verbose_name_plural = _("unallocated parts")
        constraints = (
            models.UniqueConstraint(fields=("order", "type", "level", "reason"), name="bonus_unallocated_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bonus_unallocated_positive"),
            models.CheckConstraint(condition=Q(reason__in=Why.values), name="bonus_unallocated_known_reason"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.level} {self.reason}"


class PoolState(models.TextChoices):
    PENDING = "pending", _("pending")
    TAKEN = "taken", _("taken into a closing")
    CANCELLED = "cancelled", _("cancelled")


class KeepPool(RefuseChange):
    name = "keep_pool"
    operation = (
        pgtrigger.UpdateOf("id", "order_id", "is_refund", "amount", "due_at", "xid")  # type: ignore[no-untyped-call]
        | pgtrigger.Delete
        | pgtrigger.Truncate
    )


class SettledOnce(RefuseChange):
    name = "settled_once"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.Condition("OLD.status <> 'pending'")


class PoolShare(models.Model):
    """What an order adds to the pool, or its refund takes out of a later one."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="pool_shares", db_constraint=False, db_index=False, verbose_name=_("order")
    )
    is_refund = models.BooleanField(_("refund"), default=False)
    amount = MoneyField(_("amount (POINT)"))
    due_at = models.DateTimeField(_("counts from"))
    status = models.CharField(_("status"), max_length=9, choices=PoolState.choices, default=PoolState.PENDING)
    closing = models.ForeignKey(
        Closing, models.PROTECT, related_name="pool_shares", null=True, blank=True,
        db_constraint=False, verbose_name=_("closing"),
    )  # fmt: skip
    xid = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        db_table = "bonus_pool_shares"
        verbose_name = _("pool share")
        verbose_name_plural = _("pool shares")
        triggers = (KeepPool(), SettledOnce())
        constraints = (
            models.UniqueConstraint(fields=("order", "is_refund"), name="bonus_pool_shares_once"),
            models.CheckConstraint(
                condition=Q(is_refund=True, amount__lt=0) | Q(is_refund=False, amount__gt=0),
                name="bonus_pool_shares_sign",
            ),
            models.CheckConstraint(
                condition=Q(status=PoolState.TAKEN, closing__isnull=False)
                | Q(status__in=("pending", "cancelled"), closing__isnull=True),
                name="bonus_pool_shares_taken_by_a_closing",
            ),
        )
        indexes = (models.Index(fields=("due_at",), condition=Q(status="pending"), name="bonus_pool_shares_pending"),)

    def __str__(self) -> str:
        return f"#{self.order_id} {self.amount}"


class Reversal(AppendOnlyModel):
    """That an order's bonuses were taken back."""

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="bonus_reversal")
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "bonus_reversals"
        verbose_name = _("bonuses taken back")
        verbose_name_plural = _("bonuses taken back")

    def __str__(self) -> str:
        return f"#{self.order_id}"
