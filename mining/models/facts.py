"""What the pool says: its days, its balances, its rates. Rows are as they were read; a day said anew is another version."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField
from wallets.models import Asset


class DayFactsQuerySet(models.QuerySet["DayFacts"]):
    def latest_versions(self) -> "DayFactsQuerySet":
        newer = DayFacts.objects.filter(day=OuterRef("day"), version__gt=OuterRef("version"))
        return self.filter(~Exists(newer))


class DayFacts(AppendOnlyModel):
    """One version of a day. `flaw` says why it can't be believed; then nothing is allocated from it."""

    day = models.DateField(_("day"))
    version = models.PositiveIntegerField(_("version"))
    hash_rate = MoneyField(_("hash rate (MH/s)"), null=True)
    hash_rate_mega = MoneyField(_("hash rate per MH/s"), null=True)
    efficiency = MoneyField(_("efficiency (%)"), null=True)
    reject = MoneyField(_("reject rate (%)"), null=True)
    flaw = models.CharField(_("flaw"), max_length=300, blank=True)
    digest = models.CharField(max_length=64)
    raw = models.JSONField(_("as it came"))
    read_at = models.DateTimeField(_("read"), default=clock.now)

    objects: ClassVar[models.Manager["DayFacts"]] = DayFactsQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_days"
        verbose_name = _("pool day")
        verbose_name_plural = _("pool days")
        constraints = (
            models.UniqueConstraint(fields=("day", "version"), name="mining_days_one_of_a_version"),
            models.CheckConstraint(
                condition=~Q(flaw="")
                | Q(
                    hash_rate__isnull=False,
                    hash_rate_mega__isnull=False,
                    efficiency__isnull=False,
                    reject__isnull=False,
                ),
                name="mining_days_whole_or_flawed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} v{self.version}"

    @property
    def is_sound(self) -> bool:
        return not self.flaw


class CoinFacts(AppendOnlyModel):
    """What one coin brought on a day, by that version of it."""

    facts = models.ForeignKey(DayFacts, models.PROTECT, related_name="coins", verbose_name=_("pool day"))
    coin = models.ForeignKey(Asset, models.PROTECT, db_column="coin", related_name="+", verbose_name=_("coin"))
    total = MoneyField(_("income of the project"))
    per_mega = MoneyField(_("income per MH/s"))
    price = MoneyField(_("price (USDT)"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_day_coins"
        verbose_name = _("income of a pool day")
        verbose_name_plural = _("incomes of pool days")
        constraints = (
            models.UniqueConstraint(fields=("facts", "coin"), name="mining_day_coins_once"),
            models.CheckConstraint(
                condition=Q(total__gte=0, per_mega__gte=0, price__gte=0), name="mining_day_coins_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.coin_id} {self.facts}"


class HashBalance(models.Model):
    """Credit and power of the project, a day a row."""

    day = models.DateField(_("day"), unique=True)
    credit = MoneyField(_("credit"))
    power = MoneyField(_("power (MH/s)"))
    raw = models.JSONField(_("as it came"))
    read_at = models.DateTimeField(_("read"), default=clock.now)

    class Meta:
        db_table = "mining_hash_balances"
        verbose_name = _("hash balance")
        verbose_name_plural = _("hash balances")

    def __str__(self) -> str:
        return str(self.day)


class RecentHashRate(models.Model):
    """The rates of the last day, hour and ten minutes, of the project or of 1 MH/s of it."""

    at = models.DateTimeField(_("time"))
    is_per_mega = models.BooleanField(_("per MH/s"))
    hash_rate_24h = MoneyField(_("24 hours"))
    hash_rate_1h = MoneyField(_("1 hour"))
    hash_rate_10m = MoneyField(_("10 minutes"))
    efficiency = MoneyField(_("efficiency (%)"))
    reject = MoneyField(_("reject rate (%)"))
    raw = models.JSONField(_("as it came"))

    class Meta:
        db_table = "mining_recent_hash_rates"
        verbose_name = _("recent hash rate")
        verbose_name_plural = _("recent hash rates")
        constraints = (models.UniqueConstraint(fields=("at", "is_per_mega"), name="mining_recent_hash_rates_once"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class PoolHolding(models.Model):
    """What the pool holds for us of a coin, as of 00:00 UTC of the day."""

    day = models.DateField(_("day"))
    coin = models.ForeignKey(Asset, models.PROTECT, db_column="coin", related_name="+", verbose_name=_("coin"))
    balance = MoneyField(_("balance"))
    available = MoneyField(_("available"))
    locked = MoneyField(_("locked"), null=True)
    read_at = models.DateTimeField(_("read"), default=clock.now)

    class Meta:
        db_table = "mining_pool_holdings"
        verbose_name = _("pool holding")
        verbose_name_plural = _("pool holdings")
        constraints = (models.UniqueConstraint(fields=("day", "coin"), name="mining_pool_holdings_once"),)

    def __str__(self) -> str:
        return f"{self.coin_id} {self.day}"
