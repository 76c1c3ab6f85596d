"""Addresses on BNB chain whose keys MBlock keeps, and the wallet key by which we move what they hold."""

from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, ids
from aeghash.core.crypto import EncryptedTextField
from aeghash.core.database_rights import APPEND_ONLY, CHANGEABLE
from aeghash.core.models import AppendOnlyModel, TimestampedModel
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.money import MoneyField

ADDRESS: Final = r"^0x[0-9a-f]{40}$"


class WalletState(models.TextChoices):
    ACTIVE = "active", _("active")
    REFRESHING = "refreshing", _("key being refreshed")
    FROZEN = "frozen", _("frozen")  # its key may be dead: nothing is paid from it until somebody brings the new one


class CryptoWallet(TimestampedModel):
    """A member's, or the company's own where there is no user."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="crypto_wallets",
        verbose_name=_("member"),
    )
    label = models.CharField(_("label"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=42, unique=True)
    wallet_key = EncryptedTextField(_("wallet key"))
    state = models.CharField(_("status"), max_length=10, choices=WalletState, default=WalletState.ACTIVE)
    key_since = models.DateTimeField(_("key since"), default=clock.now)
    refresh_until = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_reason = models.CharField(_("why it is frozen"), max_length=200, blank=True)

    class Meta:
        db_table = "wallets"
        verbose_name = _("crypto wallet")
        verbose_name_plural = _("crypto wallets")
        constraints = (
            models.CheckConstraint(condition=Q(address__regex=ADDRESS), name="wallets_address_is_one"),
            models.CheckConstraint(condition=Q(state__in=WalletState.values), name="wallets_known_state"),
            models.CheckConstraint(
                condition=Q(state="refreshing", refresh_until__isnull=False)
                | (~Q(state="refreshing") & Q(refresh_until__isnull=True)),
                name="wallets_refreshing_for_a_time",
            ),
            # Whoever clicks twice gets one. A frozen one may be lost for good, and the member needs another.
            models.UniqueConstraint(fields=("user",), condition=~Q(state="frozen"), name="wallets_one_per_member"),
        )
        indexes = (models.Index(fields=("key_since",), name="wallets_by_age_of_key"),)
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="address_stays",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("address", "user"),
            ),
        )

    def __str__(self) -> str:
        return self.label or self.address


class TransitConfig(models.Model):
    """What is sent along with every transit, one row: how long MBlock tries decides when we stop waiting."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "UPDATE")

    id = models.SmallIntegerField(primary_key=True, default=1)
    fee = MoneyField(_("gas fee (BNB)"), null=True, blank=True)
    delay = models.PositiveIntegerField(_("seconds between checks"), default=15)
    count = models.PositiveIntegerField(_("number of checks"), default=20)
    is_stored = models.BooleanField(_("stored at MBlock"), default=False)
    changed_at = models.DateTimeField(_("changed"), default=clock.now)

    class Meta:
        db_table = "transit_config"
        verbose_name = _("transit configuration")
        verbose_name_plural = _("transit configuration")
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="transit_config_is_one_row"),
            models.CheckConstraint(
                condition=Q(delay__gte=1, delay__lte=3600, count__gte=1, count__lte=1000), name="transit_config_bounds"
            ),
        )

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class ApiKeySighting(AppendOnlyModel):
    """When a key of MBlock's API was first used here: it is due for rotation after 90 days. Its text is nowhere."""

    application_rights: ClassVar[tuple[str, ...]] = APPEND_ONLY

    key_id = models.CharField(_("fingerprint"), max_length=16, unique=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "mblock_api_keys"
        verbose_name = _("MBlock API key")
        verbose_name_plural = _("MBlock API keys")

    def __str__(self) -> str:
        return self.key_id
