"""The compensation plan as data: versions, each with the time in which it holds and a line for every share of the PV."""

from typing import ClassVar, Final

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import AppendOnlyModel
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.money import MoneyField
from bonus.models.kinds import BonusType
from organization.models import Rank

PAYING: Final = (
    BonusType.REFERRAL,
    BonusType.SPONSOR,
    BonusType.SHARE,
    BonusType.CENTER,
    BonusType.CENTER_REFERRAL,
)


class KeepRules(RefuseChange):
    """Of a version only its end is ever written, once: orders were shared out by the rest."""

    name = "keep_rules"
    operation = (
        pgtrigger.UpdateOf("id", "valid_from", "total_percentage", "reason", "created_at")  # type: ignore[no-untyped-call]
        | pgtrigger.Delete
        | pgtrigger.Truncate
    )


class KeepEnds(RefuseChange):
    name = "keep_ends"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.Condition("OLD.valid_until IS NOT NULL")


class Validity(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Rule(models.Model):
    """A version of the plan. An order goes by the version that held when it was paid."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    total_percentage = MoneyField(_("percent of PV in all"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        db_table = "bonus_rules"
        verbose_name = _("version of the bonus rules")
        verbose_name_plural = _("bonus rules")
        triggers = (KeepRules(), KeepEnds())
        constraints = (
            models.CheckConstraint(
                condition=Q(total_percentage__gte=0) & Q(total_percentage__lte=100),
                name="bonus_rules_at_most_the_whole",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="bonus_rules_end_after_beginning",
            ),
            ExclusionConstraint(
                expressions=[(Validity("valid_from", "valid_until"), RangeOperators.OVERLAPS)],
                name="bonus_rules_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class RuleLine(AppendOnlyModel):
    """One share of the PV: how much, and what its receiver has to be. `level` is 0 where the type has no levels."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("version"))
    type = models.CharField(_("type"), max_length=15, choices=BonusType.choices)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    percentage = MoneyField(_("percent of PV"))
    lowest_rank = models.CharField(_("lowest rank"), max_length=4, choices=Rank.choices, blank=True)
    needs_active = models.BooleanField(_("needs an active member"), default=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "bonus_rule_lines"
        verbose_name = _("line of the bonus rules")
        verbose_name_plural = _("lines of the bonus rules")
        constraints = (
            models.UniqueConstraint(fields=("rule", "type", "level"), name="bonus_rule_lines_once"),
            models.CheckConstraint(condition=Q(type__in=PAYING), name="bonus_rule_lines_known_type"),
            models.CheckConstraint(
                condition=Q(percentage__gt=0) & Q(percentage__lte=100), name="bonus_rule_lines_percentage"
            ),
            models.CheckConstraint(
                condition=Q(lowest_rank="") | Q(lowest_rank__in=Rank.values), name="bonus_rule_lines_known_rank"
            ),
            models.CheckConstraint(
                condition=Q(type__in=("referral", "sponsor"), level__gte=1, level__lte=100)
                | Q(type__in=("share", "center", "center_referral"), level=0),
                name="bonus_rule_lines_levels",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.level}"
