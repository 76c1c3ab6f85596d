"""The pool's three histories, row by row as they were last read."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.money import MoneyField
from mining.models.payouts import OPEN, MiningWithdrawal

# How far the pool's clock may be from ours.
SKEW: Final = timedelta(minutes=5)


class RemoteRow(models.Model):
    remote_id = models.CharField(_("id at the pool"), max_length=128, unique=True)
    amount = MoneyField(_("amount"))
    status = models.CharField(_("status"), max_length=40)
    made_at = models.DateTimeField(_("made at the pool"), db_index=True)
    changed_at = models.DateTimeField(_("changed at the pool"), null=True)
    raw = models.JSONField(_("as it came"))
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.remote_id


class Owner(models.TextChoices):
    """Whose a remote withdrawal is. Nobody's is an orphan, unless an open payout of ours may be it."""

    NOBODY = "nobody", _("nobody's")
    OURS = "ours", _("ours")
    EXTERNAL = "external", _("registered as external")


class PoolWithdrawalQuerySet(models.QuerySet["PoolWithdrawal"]):
    def orphans(self) -> "PoolWithdrawalQuerySet":
        """Nobody's, and no open payout of ours can be it: by coin, amount (gross or net of the fee) and time."""
        candidate = MiningWithdrawal.objects.filter(
            Q(amount=OuterRef("amount"))
            | Q(amount=OuterRef("amount") + OuterRef("fee"))
            | Q(amount=OuterRef("amount") - OuterRef("fee")),
            status__in=OPEN,
            coin=OuterRef("coin"),
            marked_at__lte=OuterRef("made_at") + SKEW,
        )
        ours = MiningWithdrawal.objects.filter(remote_id=OuterRef("remote_id"))
        return self.filter(~Exists(ours), ~Exists(candidate), owner=Owner.NOBODY)


class PoolWithdrawal(RemoteRow):
    coin = models.CharField(_("coin"), max_length=128)
    fee = MoneyField(_("fee"))
    address = models.CharField(_("address"), max_length=500, blank=True)
    kind = models.CharField(_("kind"), max_length=500, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    owner = models.CharField(_("whose"), max_length=8, choices=Owner.choices, default=Owner.NOBODY)
    explanation = models.TextField(_("explanation"), blank=True)

    objects = PoolWithdrawalQuerySet.as_manager()

    class Meta(RemoteRow.Meta):
        db_table = "mining_pool_withdrawals"
        verbose_name = _("pool withdrawal")
        verbose_name_plural = _("pool withdrawals")
        indexes = (models.Index(fields=("coin",), condition=Q(owner="nobody"), name="mining_pool_withdrawals_nobody"),)
        constraints = (
            models.CheckConstraint(condition=Q(owner__in=Owner.values), name="mining_pool_withdrawals_owner"),
            models.CheckConstraint(
                condition=~Q(owner="external") | ~Q(explanation=""), name="mining_pool_withdrawals_explained"
            ),
        )


class PoolCharge(RemoteRow):
    payer = models.CharField(_("payer's address"), max_length=500, blank=True)
    address = models.CharField(_("pay to"), max_length=500, blank=True)
    price = MoneyField(_("price"))
    coin = models.CharField(_("coin"), max_length=500)
    credit = MoneyField(_("credit afterwards"), null=True)

    class Meta(RemoteRow.Meta):
        db_table = "mining_pool_charges"
        verbose_name = _("credit charge at the pool")
        verbose_name_plural = _("credit charges at the pool")


class PoolSwap(RemoteRow):
    credit = MoneyField(_("credit afterwards"), null=True)
    power = MoneyField(_("power afterwards (MH/s)"), null=True)
    starts_on = models.DateField(_("starts"), null=True)
    ends_on = models.DateField(_("ends"), null=True)
    period = models.CharField(_("years"), max_length=500, blank=True)

    class Meta(RemoteRow.Meta):
        db_table = "mining_pool_swaps"
        verbose_name = _("power swap at the pool")
        verbose_name_plural = _("power swaps at the pool")


class SyncMark(models.Model):
    """Up to which day one kind of fact has been read whole; reading goes on some days before it."""

    name = models.CharField(_("facts"), max_length=20, primary_key=True)
    read_up_to = models.DateField(_("read up to"))
    moved_at = models.DateTimeField(_("moved"), default=clock.now)

    class Meta:
        db_table = "mining_sync_marks"
        verbose_name = _("sync mark")
        verbose_name_plural = _("sync marks")

    def __str__(self) -> str:
        return self.name


class EgressAddresses(models.Model):
    """The addresses we go out from, as last seen in the configuration. One row, so that a change is noticed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    addresses = models.JSONField(_("addresses"), default=list)
    changed_at = models.DateTimeField(_("changed"), default=clock.now)

    class Meta:
        db_table = "mining_egress_addresses"
        verbose_name = _("egress addresses")
        verbose_name_plural = _("egress addresses")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="mining_egress_addresses_is_one_row"),)

    def __str__(self) -> str:
        return ", ".join(self.addresses)
