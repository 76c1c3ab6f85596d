"""What members hold and what they owe. Both are written by the ledger's functions in the database, and by nothing else."""

from decimal import Decimal
from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_rights import READ_ONLY
from aeghash.core.models.append_only import OwnFunctionTrigger
from aeghash.core.models.base import TimestampedModel
from aeghash.core.money import MoneyField
from wallets.models.assets import Asset
from wallets.models.posting import Entry, put, resolve
from wallets.models.system_accounts import SystemAccount

DEFAULT_ASSET: Final = "USDT"


class RefuseRemoval(OwnFunctionTrigger):
    """Transfers name their balances without a foreign key (docs/decisions/0036): so a balance stays for ever."""

    name = "refuse_removal"
    level = pgtrigger.Statement
    operation = pgtrigger.Delete | pgtrigger.Truncate

    def function_call(self, model: type[models.Model]) -> str:
        return "refuse_change()"


class Balance(TimestampedModel):
    application_rights: ClassVar[tuple[str, ...]] = READ_ONLY

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="balances", db_index=False, verbose_name=_("member")
    )
    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="balances", default=DEFAULT_ASSET, db_index=False, verbose_name=_("asset")
    )
    amount = MoneyField(_("amount"), default=0)
    locked_amount = MoneyField(_("locked"), default=0)

    class Meta:
        db_table = "balances"
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = (
            models.UniqueConstraint(fields=["user", "asset"], name="balances_one_per_user_and_asset"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="balances_amount_not_negative"),
            models.CheckConstraint(condition=Q(locked_amount__gte=0), name="balances_locked_not_negative"),
            models.CheckConstraint(condition=Q(locked_amount__lte=F("amount")), name="balances_locked_within_amount"),
        )
        indexes = (models.Index(fields=["asset", "id"], name="balances_of_asset"),)
        triggers = (RefuseRemoval(),)

    def __str__(self) -> str:
        return f"{self.asset_id} of {self.user_id}"

    @property
    def available_amount(self) -> Decimal:
        return self.amount - self.locked_amount

    def can_withdraw(self, amount: Decimal) -> bool:
        """As this instance was read; `lock` asks again under the row's lock."""
        return amount.is_finite() and 0 < amount <= self.available_amount

    def lock(self, amount: Decimal, *, reference: str) -> int:
        """Holds the amount for a payout; gives the hold's id. Refuses as `wallets.operations.hold` does."""
        return put("hold", Entry(reference, str(self.asset_id), amount, self.user_id, SystemAccount.PAYOUTS))

    def unlock(self, hold: int, *, reference: str) -> int:
        """Lets go what `lock` held, whole. Refuses as `wallets.operations.release` does."""
        return resolve("release", hold=hold, reference=reference)


class Debt(TimestampedModel):
    """What a member owes: whatever becomes available in that asset pays it first."""

    application_rights: ClassVar[tuple[str, ...]] = READ_ONLY

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="debts", db_index=False, verbose_name=_("member")
    )
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="debts", db_index=False, verbose_name=_("asset"))
    amount = MoneyField(_("amount"), default=0)

    class Meta:
        db_table = "debts"
        verbose_name = _("debt")
        verbose_name_plural = _("debts")
        constraints = (
            models.UniqueConstraint(fields=["user", "asset"], name="debts_one_per_user_and_asset"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="debts_not_negative"),
        )
        triggers = (RefuseRemoval(),)

    def __str__(self) -> str:
        return f"{self.asset_id} owed by {self.user_id}"
