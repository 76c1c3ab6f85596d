"""What members bought. An order and its refund are written once; what counts them goes by their transactions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel, TransactionStampedModel
from aeghash.core.money import MoneyField
from organization.models.members import Member


class Channel(models.TextChoices):
    ONLINE = "ONLINE", _("online")
    OFFLINE_QR = "OFFLINE_QR", _("QR in a shop")
    POS = "POS", _("point of sale")


class Order(AppendOnlyModel, TransactionStampedModel):
    """A paid order. `source` is who told us (a partner's slug), `source_id` its own number there."""

    source = models.CharField(_("source"), max_length=64)
    source_id = models.CharField(_("order number"), max_length=255)
    buyer = models.ForeignKey(Member, models.PROTECT, related_name="orders", verbose_name=_("buyer"))
    total_amount = MoneyField(_("paid (USD)"))
    pv_amount = MoneyField(_("PV"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    center = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="center_orders", verbose_name=_("center")
    )
    paid_at = models.DateTimeField(_("paid"))
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    created_at = models.DateTimeField(_("received"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "organization_orders"
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = (
            models.UniqueConstraint(fields=("source", "source_id"), name="organization_orders_once_per_source"),
            models.CheckConstraint(
                condition=models.Q(total_amount__gte=0) & models.Q(pv_amount__gte=0),
                name="organization_orders_not_negative",
            ),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="organization_orders_channel"),
        )

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id}"


class Refund(AppendOnlyModel, TransactionStampedModel):
    """Takes a whole order back, on its own day."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="refund", verbose_name=_("order"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "organization_refunds"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")

    def __str__(self) -> str:
        return str(self.order_id)
