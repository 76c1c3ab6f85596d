"""Who got what of a day's income."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField
from mining.models.facts import DayFacts
from wallets.models import Asset


class Allocation(AppendOnlyModel):
    """A day's income of one coin, given out: once (`sequence` 0), and again for each correction a person decided on.

    `total` is what the pool's version says the coin brought, `members` what members have of it after this allocation,
    and the rest is the company's. `is_scaled`: power times rate was more than the total.
    """

    facts = models.ForeignKey(DayFacts, models.PROTECT, related_name="allocations", verbose_name=_("pool day"))
    day = models.DateField(_("day"))
    coin = models.ForeignKey(Asset, models.PROTECT, db_column="coin", related_name="+", verbose_name=_("coin"))
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    total = MoneyField(_("income of the project"))
    per_mega = MoneyField(_("income per MH/s"))
    power = MoneyField(_("members' power (MH/s)"))
    members = MoneyField(_("members' part"))
    members_count = models.PositiveIntegerField(_("members"))
    is_scaled = models.BooleanField(_("scaled down"))
    allocated_at = models.DateTimeField(_("allocated"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_allocations"
        verbose_name = _("income allocation")
        verbose_name_plural = _("income allocations")
        constraints = (
            models.UniqueConstraint(fields=("day", "coin", "sequence"), name="mining_allocations_once"),
            models.CheckConstraint(
                condition=Q(members__gte=0) & Q(members__lte=F("total")), name="mining_allocations_within_the_income"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.coin_id}"


class Income(AppendOnlyModel):
    """A member's part. In a correction, the difference to what the member had of that day before."""

    # No foreign key is asked by the database, which would double the cost of the rows: one statement writes them, out of
    # grants, which have theirs. For the same reason they have no number of their own, and one index.
    pk = models.CompositePrimaryKey("allocation_id", "user_id")
    allocation = models.ForeignKey(
        Allocation, models.PROTECT, related_name="incomes", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("member"),
    )
    power = MoneyField(_("power (MH/s)"))
    amount = MoneyField(_("amount"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_incomes"
        verbose_name = _("mining income")
        verbose_name_plural = _("mining incomes")
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="mining_incomes_not_nothing"),)

    def __str__(self) -> str:
        return f"{self.amount} #{self.user_id}"


class Verdict(models.TextChoices):
    CORRECT = "correct", _("correct what was credited")
    KEEP = "keep", _("leave it as it was credited")


class RestatementDecision(AppendOnlyModel):
    """What two people decided about a day that the pool said anew after its income had been given out: who asked for it;
    who agreed is on the proposal.
    """

    facts = models.OneToOneField(DayFacts, models.PROTECT, related_name="decision", verbose_name=_("pool day"))
    verdict = models.CharField(_("decision"), max_length=7, choices=Verdict.choices)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    decided_at = models.DateTimeField(_("decided"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_restatement_decisions"
        verbose_name = _("decision on a restatement")
        verbose_name_plural = _("decisions on restatements")

    def __str__(self) -> str:
        return f"{self.facts} {self.verdict}"


class MiningBalance(models.Model):
    """A daily report of one user: power, income per coin, and what all days up to it brought. Money is in `balances`."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("member"))
    day = models.DateField(_("day"))
    power = MoneyField(_("power (MH/s)"))
    incomes = models.JSONField(_("income"), default=dict)
    cumulative = models.JSONField(_("income up to this day"), default=dict)

    class Meta:
        db_table = "mining_balances"
        verbose_name = _("mining balance")
        verbose_name_plural = _("mining balances")
        constraints = (models.UniqueConstraint(fields=("user", "day"), name="mining_balances_once"),)
        indexes = (models.Index(fields=("day",), name="mining_balances_day"),)

    def __str__(self) -> str:
        return f"#{self.user_id} {self.day}"
