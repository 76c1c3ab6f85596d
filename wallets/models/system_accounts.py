"""The company's own sides of a transfer. None has a running row, so nobody ever waits for one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core.money import MoneyField
from wallets.models.assets import Asset


class SystemAccount(models.TextChoices):
    ISSUANCE = "issuance", _("issuance and adjustments")
    MINING_INCOME = "mining_income", _("mining income")
    BONUS_EXPENSE = "bonus_expense", _("bonus expense")
    PAYOUTS = "payouts", _("payouts")
    FEES = "fees", _("fees")
    UNALLOCATED = "unallocated", _("unallocated")
    FORWARDING = "forwarding", _("forwarding")
    DEBTS = "debts", _("members' debts")  # only the ledger itself posts here: each such transfer names a Debt


class SystemSum(models.Model):
    """What an account held at the watermark `wallets.system_sums`. What came later is added on reading."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    account = models.CharField(_("system account"), max_length=20, choices=SystemAccount.choices)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("asset"))
    amount = MoneyField(_("amount"), default=0)

    class Meta:
        db_table = "system_sums"
        verbose_name = _("sum of a system account")
        verbose_name_plural = _("sums of system accounts")
        constraints = (
            models.UniqueConstraint(fields=["account", "asset"], name="system_sums_one_per_asset"),
            models.CheckConstraint(condition=Q(account__in=SystemAccount.values), name="system_sums_known_account"),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.asset_id}"
