"""Who may call us, and by which keys."""

import ipaddress
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, ids
from aeghash.core.crypto import EncryptedTextField
from aeghash.core.models import SoftDeletableModel, TimestampedModel
from aeghash.core.money import MoneyField
from organization.models import Member
from partners.scopes import SCOPES

ROTATION: Final = timedelta(days=60)
is_slug = RegexValidator(r"\A[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z", _("Lower-case letters, digits and hyphens."))


def all_scopes() -> list[str]:
    return list(SCOPES)


class Partner(SoftDeletableModel, TimestampedModel):
    """`slug` is the source of what it sends: orders and hash power bear it for ever, so it never changes."""

    slug = models.CharField(_("short name"), max_length=64, unique=True, validators=[is_slug])
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    networks = ArrayField(models.CharField(max_length=49), verbose_name=_("networks"), default=list, blank=True)
    allows_sha256 = models.BooleanField(_("older signatures (sha256)"), default=False)
    allows_legacy_get = models.BooleanField(_("first API (GET /api/from/)"), default=False)
    reads_a_minute = models.PositiveIntegerField(_("reading calls a minute"), default=600)
    writes_a_minute = models.PositiveIntegerField(_("writing calls a minute"), default=300)
    burst = models.PositiveIntegerField(_("calls at once"), default=100)
    hash_a_day = MoneyField(_("hash power a day (MH/s)"), null=True, blank=True)
    pv_a_day = MoneyField(_("PV a day"), null=True, blank=True)

    class Meta:
        db_table = "partners"
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = (
            models.CheckConstraint(
                condition=Q(reads_a_minute__gt=0, writes_a_minute__gt=0, burst__gt=0), name="partners_limits"
            ),
        )

    def __str__(self) -> str:
        return self.slug

    def lets_in(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
        """An empty list lets everybody in."""
        networks = [ipaddress.ip_network(network) for network in self.networks]
        return not networks or (address is not None and any(address in network for network in networks))


class PartnerKey(TimestampedModel):
    """A partner may have several live ones, so that a new one works before the old one ends."""

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys", verbose_name=_("partner"))
    key_id = models.CharField(_("key"), max_length=64, unique=True)
    secret = EncryptedTextField(_("secret"))
    scopes = ArrayField(models.CharField(max_length=32), verbose_name=_("scopes"), default=all_scopes)
    expires_at = models.DateTimeField(_("works until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    shown_at = models.DateTimeField(_("handed over"), null=True, blank=True)

    class Meta:
        db_table = "partner_keys"
        verbose_name = _("partner key")
        verbose_name_plural = _("partner keys")

    def __str__(self) -> str:
        return self.key_id

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > clock.now())

    @property
    def rotation_due_at(self) -> datetime:
        return self.created_at + ROTATION


class RateMark(models.Model):
    """When a key's allowance for writing will be full again: the whole state of its limit, in one row."""

    key = models.OneToOneField(PartnerKey, models.CASCADE, primary_key=True, related_name="rate_mark")
    full_at = models.DateTimeField()

    class Meta:
        db_table = "partner_rate_marks"

    def __str__(self) -> str:
        return str(self.key_id)


class PartnerMember(models.Model):
    """Which partner brought a member: to all others it doesn't exist."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")

    member = models.OneToOneField(Member, models.PROTECT, primary_key=True, related_name="brought_by")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="members", verbose_name=_("partner"))
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        db_table = "partner_members"
        verbose_name = _("member of a partner")
        verbose_name_plural = _("members of partners")

    def __str__(self) -> str:
        return str(self.member_id)


class DayMark(models.Model):
    """What a partner has brought on a day (UTC), counted while it has a daily limit."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="day_marks", db_index=False)
    day = models.DateField(_("day"))
    hash = MoneyField(_("hash power (MH/s)"), default=0)
    pv = MoneyField(_("PV"), default=0)

    class Meta:
        db_table = "partner_day_marks"
        constraints = (models.UniqueConstraint(fields=["partner", "day"], name="partner_day_marks_once"),)

    def __str__(self) -> str:
        return f"{self.partner_id} {self.day}"
