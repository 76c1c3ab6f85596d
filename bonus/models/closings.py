"""A period's bonuses, paid out: once, and provable for ever."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import TimestampedModel
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.money import MoneyField
from organization.models import Member


class ClosingState(models.TextChoices):
    DRAFT = "draft", _("draft")
    RUNNING = "running", _("running")
    CLOSED = "closed", _("paid out")


class KeepClosings(RefuseChange):
    name = "keep_closings"
    operation = pgtrigger.Delete | pgtrigger.Truncate


class KeepClosed(RefuseChange):
    name = "keep_closed"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.Condition("OLD.status = 'closed' OR OLD.status = 'running' AND NEW.status = 'draft'")


class Closing(TimestampedModel):
    """One row a period. `cutoff` is its end less the refund lag; orders paid before it are closed.

    `snapshot` is what of the database was committed when the closing began: what commits later belongs to the next one,
    however often this one is killed and resumed. `last_member` is how far it has come.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    period = models.CharField(_("period"), max_length=7)
    starts_at = models.DateTimeField(_("beginning"))
    ends_at = models.DateTimeField(_("end"), unique=True)
    cutoff = models.DateTimeField(_("orders paid before"))
    status = models.CharField(_("status"), max_length=7, choices=ClosingState.choices, default=ClosingState.DRAFT)
    figures = models.JSONField(_("figures of the draft"), default=dict)
    figures_before = models.JSONField(_("figures of the draft before"), default=dict)
    version = models.PositiveIntegerField(_("version of the draft"), default=1)
    snapshot = models.TextField(_("snapshot"), blank=True)
    pool = MoneyField(_("pool"), default=0)
    pool_carried_in = MoneyField(_("carried from the last pool"), default=0)
    pool_carried_out = MoneyField(_("carried to the next pool"), default=0)
    last_member = models.BigIntegerField(_("last member closed"), default=0)
    members_expected = models.PositiveIntegerField(_("members expected"), default=0)
    members_closed = models.PositiveIntegerField(_("members closed"), default=0)
    report = models.JSONField(_("report"), default=dict)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        db_table = "bonus_closings"
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        triggers = (KeepClosings(), KeepClosed())
        constraints = (
            models.UniqueConstraint(
                fields=("status",), condition=Q(status="running"), name="bonus_closings_one_runs"
            ),
            models.CheckConstraint(condition=Q(status__in=ClosingState.values), name="bonus_closings_known_status"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="bonus_closings_period"),
            models.CheckConstraint(
                condition=~Q(status="closed") | ~Q(sha256="") & Q(closed_at__isnull=False),
                name="bonus_closings_closed_with_hash",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def progress(self) -> int:
        """Percent."""
        if self.status == ClosingState.CLOSED:
            return 100
        return min(99, 100 * self.members_closed // self.members_expected) if self.members_expected else 0

    def total(self, kind: str) -> str:
        figures: dict[str, Any] = self.report or self.figures
        return str(figures.get("types", {}).get(kind, {}).get("amount", "0"))


class CreditState(models.TextChoices):
    CREDITED = "credited", _("credited")
    RETRYING = "retrying", _("retrying")
    FAILED = "failed", _("failed")


class KeepCredits(RefuseChange):
    name = "keep_credits"
    operation = (
        pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # the library has no types
            "id", "closing_id", "member_id", "gross", "clawed_back", "amount", "entry_ids", "amounts", "digest"
        )
        | pgtrigger.Delete
        | pgtrigger.Truncate
    )


class ClosingMember(models.Model):
    """What a closing came to for one member: the canonical row, of which the closing's hash is made.

    `amount` is new bonus less what is taken back. The entries' ids and amounts are kept, so that a flipped, removed or
    added one can be named later; `digest` is over all that the entries say.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="members", db_index=False)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="closings", db_constraint=False, verbose_name=_("member")
    )
    gross = MoneyField(_("new bonus"))
    clawed_back = MoneyField(_("taken back"))
    amount = MoneyField(_("amount (POINT)"))
    entry_ids = ArrayField(models.BigIntegerField())
    amounts = ArrayField(models.DecimalField(max_digits=38, decimal_places=18))
    digest = models.CharField(_("digest"), max_length=64)
    status = models.CharField(_("status"), max_length=8, choices=CreditState.choices)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("updated"), default=clock.now)

    class Meta:
        db_table = "bonus_closing_members"
        verbose_name = _("credit of a closing")
        verbose_name_plural = _("credits of closings")
        triggers = (KeepCredits(),)
        constraints = (
            models.UniqueConstraint(fields=("closing", "member"), name="bonus_closing_members_once"),
            models.CheckConstraint(
                condition=Q(amount=F("gross") - F("clawed_back")) & Q(gross__gte=0) & Q(clawed_back__gte=0),
                name="bonus_closing_members_sum",
            ),
            models.CheckConstraint(condition=Q(status__in=CreditState.values), name="bonus_closing_members_status"),
        )
        indexes = (
            models.Index(fields=("status",), condition=~Q(status="credited"), name="bonus_closing_members_open"),
        )

    def __str__(self) -> str:
        return f"{self.amount} #{self.member_id}"

    @property
    def reference(self) -> str:
        return f"bonus:{self.closing_id}:{self.member_id}"
