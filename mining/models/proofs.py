from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField
from wallets.models import Asset


class ReserveProof(AppendOnlyModel):
    """Of one coin at 00:00 UTC of the day: what members hold and what is still owed on the way, against the pool's books."""

    day = models.DateField(_("day"))
    coin = models.ForeignKey(Asset, models.PROTECT, db_column="coin", related_name="+", verbose_name=_("coin"))
    held = MoneyField(_("held by members"))
    under_way = MoneyField(_("under way"))
    at_the_pool = MoneyField(_("at the pool"))
    made_at = models.DateTimeField(_("made"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_reserve_proofs"
        verbose_name = _("reserve proof")
        verbose_name_plural = _("reserve proofs")
        constraints = (models.UniqueConstraint(fields=("day", "coin"), name="mining_reserve_proofs_once"),)

    def __str__(self) -> str:
        return f"{self.coin_id} {self.day}"

    @property
    def difference(self) -> Decimal:
        """What is there beyond what is owed; below zero, something is missing."""
        return self.at_the_pool - self.held - self.under_way
