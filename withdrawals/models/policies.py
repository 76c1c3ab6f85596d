from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.money import MoneyField
from wallets.models import Asset
from withdrawals.models.requests import Channel


class AssetPolicy(models.Model):
    """How an asset is paid out, and how much at a time. Out of the box nothing is limited: staff set the figures."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "UPDATE")

    asset = models.OneToOneField(Asset, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("asset"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    paid_as = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("paid as"))
    is_enabled = models.BooleanField(_("can be withdrawn"), default=True)
    fee_on_top = MoneyField(_("fee on top"), default=0)
    least = MoneyField(_("least amount"), null=True, blank=True)
    most = MoneyField(_("most at once"), null=True, blank=True)
    most_a_day = MoneyField(_("most in 24 hours"), null=True, blank=True)

    class Meta:
        db_table = "withdrawal_policies"
        verbose_name = _("rule of payout")
        verbose_name_plural = _("rules of payout")
        constraints = (
            models.CheckConstraint(condition=Q(fee_on_top__gte=0), name="withdrawal_policies_fee"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="withdrawal_policies_channel"),
        )

    def __str__(self) -> str:
        return str(self.asset_id)


class SubmissionLock(models.Model):
    """One row. After a restore nothing is submitted until the remotes' books have been compared with ours.

    The database says which one it is by its system identifier and timeline; others than those kept here mean that this
    is a copy, or has been set back.
    """

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "UPDATE")

    id = models.SmallIntegerField(primary_key=True, default=1)
    system_identifier = models.CharField(_("system identifier"), max_length=40, blank=True)
    timeline = models.CharField(_("timeline"), max_length=40, blank=True)
    is_locked = models.BooleanField(_("locked"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    reconciled_at = models.DateTimeField(_("reconciled"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=clock.now)

    class Meta:
        db_table = "withdrawal_submission_lock"
        verbose_name = _("lock of submissions")
        verbose_name_plural = _("lock of submissions")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="withdrawal_submission_lock_is_one_row"),)

    def __str__(self) -> str:
        return "locked" if self.is_locked else "open"
