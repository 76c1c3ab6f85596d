"""What can be held. An asset's places are fixed for ever: every amount ever written was rounded to them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssetKind(models.TextChoices):
    POINT = "point", _("point")
    TOKEN = "token", _("token on BNB chain")
    COIN = "coin", _("mined coin")


class Asset(models.Model):
    application_rights: ClassVar[tuple[str, ...]] = ("SELECT",)

    symbol = models.CharField(_("asset"), max_length=10, primary_key=True)
    kind = models.CharField(_("kind"), max_length=5, choices=AssetKind.choices)
    places = models.PositiveSmallIntegerField(_("decimal places"))
    withdrawal_places = models.PositiveSmallIntegerField(_("decimal places in a withdrawal"))
    contract = models.CharField(_("contract on BNB chain"), max_length=42, null=True, blank=True, unique=True)

    class Meta:
        db_table = "assets"
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=AssetKind.values), name="assets_known_kind"),
            models.CheckConstraint(
                condition=models.Q(places__lte=18) & models.Q(withdrawal_places__lte=models.F("places")),
                name="assets_places",
            ),
        )

    def __str__(self) -> str:
        return self.symbol
