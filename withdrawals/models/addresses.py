from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core.models import SoftDeletableModel, TimestampedModel
from wallets.models import Asset


class PayoutAddress(SoftDeletableModel, TimestampedModel):
    """Where a member may have something paid to, from a time on: whoever takes an account over has to wait, too."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="payout_addresses", verbose_name=_("member")
    )
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("asset"))
    address = models.CharField(_("address"), max_length=255)
    label = models.CharField(_("label"), max_length=100, blank=True)
    usable_from = models.DateTimeField(_("usable from"))

    class Meta:
        db_table = "withdrawal_addresses"
        verbose_name = _("payout address")
        verbose_name_plural = _("payout addresses")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "asset", "address"],
                condition=Q(deleted_at__isnull=True),
                name="withdrawal_addresses_once_per_member",
            ),
        )

    def __str__(self) -> str:
        return self.address
