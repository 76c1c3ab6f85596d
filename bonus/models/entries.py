"""Who gets what of an order."""

from typing import ClassVar, Final

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.models.transaction_ids import CurrentTransactionId, TransactionIdField
from aeghash.core.money import MoneyField
from bonus.models.closings import Closing
from bonus.models.kinds import BonusType
from bonus.models.rules import Rule
from organization.models import Member, Order

__all__ = ["BonusType", "Entry", "EntryState"]


class EntryState(models.TextChoices):
    PENDING = "pending", _("pending")
    CONFIRMED = "confirmed", _("confirmed")
    CANCELLED = "cancelled", _("cancelled")
    RETRYING = "retrying", _("credit is retried")
    FAILED = "failed", _("credit failed")


class KeepEntries(RefuseChange):
    """What an entry says is never rewritten; only what became of it moves on."""

    name = "keep_entries"
    operation = (
        pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # the library has no types
            "id", "order_id", "buyer_id", "beneficiary_id", "type", "level", "pv", "percentage", "amount", "rank",
            "rule_id", "due_at", "created_at", "xid",
        )
        | pgtrigger.Delete
        | pgtrigger.Truncate
    )  # fmt: skip


# The condition is the database's own, evaluated without calling anything: an UPDATE of a million rows hardly feels it.
LEGAL: Final = """
    OLD.closing_id IS NOT DISTINCT FROM NEW.closing_id AND OLD.status = NEW.status
    OR OLD.status = 'pending' AND NEW.status IN ('confirmed', 'retrying') AND NEW.closing_id IS NOT NULL
    OR OLD.status = 'pending' AND NEW.status = 'cancelled' AND NEW.closing_id IS NULL
    OR OLD.closing_id = NEW.closing_id AND (OLD.status, NEW.status) IN (
        ('retrying', 'confirmed'), ('retrying', 'failed'), ('failed', 'confirmed'), ('failed', 'retrying')
    )
"""


class KeepToTheEdges(RefuseChange):
    name = "keep_to_the_edges"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.Condition(f"NOT COALESCE({LEGAL}, false)")


class Entry(models.Model):
    """One beneficiary's part of one order at one level; of the pool, its part of a closing's.

    `rank` is the beneficiary's when the entry was made, `due_at` what closings go by. No foreign key is asked by the
    database, which would double the cost of the rows: they come out of rows that have theirs (docs/decisions/0060).
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="bonuses", null=True, blank=True,
        db_constraint=False, db_index=False, verbose_name=_("order"),
    )  # fmt: skip
    buyer = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True,
        db_constraint=False, db_index=False, verbose_name=_("buyer"),
    )  # fmt: skip
    beneficiary = models.ForeignKey(
        Member, models.PROTECT, related_name="bonuses",
        db_constraint=False, db_index=False, verbose_name=_("beneficiary"),
    )  # fmt: skip
    type = models.CharField(_("type"), max_length=15, choices=BonusType.choices)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    pv = MoneyField(_("PV"))
    percentage = MoneyField(_("percent of PV"))
    amount = MoneyField(_("amount (POINT)"))
    rank = models.CharField(_("rank then"), max_length=4)
    rule = models.ForeignKey(
        Rule, models.PROTECT, related_name="+", null=True, blank=True,
        db_constraint=False, db_index=False, verbose_name=_("version of the rules"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=9, choices=EntryState.choices, default=EntryState.PENDING)
    closing = models.ForeignKey(
        Closing, models.PROTECT, related_name="entries", null=True, blank=True,
        db_constraint=False, db_index=False, verbose_name=_("closing"),
    )  # fmt: skip
    due_at = models.DateTimeField(_("counts from"))
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    xid = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        db_table = "bonus_entries"
        verbose_name = _("bonus")
        verbose_name_plural = _("bonuses")
        triggers = (KeepEntries(), KeepToTheEdges())
        constraints = (
            models.UniqueConstraint(fields=("order", "type", "level", "beneficiary"), name="bonus_entries_once"),
            models.UniqueConstraint(
                fields=("closing", "beneficiary"), condition=Q(type=BonusType.SHARE), name="bonus_entries_one_share"
            ),
            models.CheckConstraint(condition=Q(type__in=BonusType.values), name="bonus_entries_known_type"),
            models.CheckConstraint(condition=Q(status__in=EntryState.values), name="bonus_entries_known_status"),
            models.CheckConstraint(
                condition=Q(type=BonusType.CLAWBACK, amount__lt=0) | ~Q(type=BonusType.CLAWBACK) & Q(amount__gt=0),
                name="bonus_entries_sign",
            ),
            models.CheckConstraint(
                condition=Q(type=BonusType.SHARE, order__isnull=True, closing__isnull=False)
                | ~Q(type=BonusType.SHARE) & Q(order__isnull=False),
                name="bonus_entries_have_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("pending", "cancelled")) | Q(closing__isnull=False),
                name="bonus_entries_confirmed_by_a_closing",
            ),
        )
        indexes = (
            models.Index(fields=("beneficiary",), condition=Q(status="pending"), name="bonus_entries_pending"),
            models.Index(fields=("beneficiary", "-id"), name="bonus_entries_of_member"),
            models.Index(fields=("closing", "beneficiary"), condition=Q(closing__isnull=False),
                         name="bonus_entries_of_closing"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.type} {self.amount}"
