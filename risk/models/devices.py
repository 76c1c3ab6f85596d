from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_rights import CHANGEABLE


class KnownDevice(models.Model):
    """A device a member has asked from. Rows come and change by one upsert, `operations.notice_device`."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="known_devices", verbose_name=_("member")
    )
    device_id = models.CharField(_("device"), max_length=255, db_index=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    last_ip = models.GenericIPAddressField(_("last IP address"), null=True)
    times_seen = models.PositiveIntegerField(_("requests"), default=1)

    class Meta:
        db_table = "risk_known_devices"
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints = (
            models.UniqueConstraint(fields=("user", "device_id"), name="risk_known_devices_once_per_member"),
            models.CheckConstraint(
                condition=models.Q(last_seen_at__gte=models.F("first_seen_at")) & ~models.Q(device_id=""),
                name="risk_known_devices_seen_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
