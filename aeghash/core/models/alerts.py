from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models.users import User


class Severity(models.TextChoices):
    INFO = "info", _("info")
    WARNING = "warning", _("warning")
    CRITICAL = "critical", _("critical")


class AlertState(models.TextChoices):
    OPEN = "open", _("open")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")


class Alert(models.Model):
    """Something a person must know of. Told to the channel once, however often it happens while it is open."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    key = models.CharField(_("key"), max_length=200)
    severity = models.CharField(_("severity"), max_length=20, choices=Severity)
    sentence = models.TextField(_("what happened"))
    details = models.JSONField(_("details"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=AlertState, default=AlertState.OPEN)
    count = models.PositiveIntegerField(_("times"), default=1)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=clock.now)
    untold_since = models.DateTimeField(_("waiting to be sent since"), null=True, blank=True)
    told_at = models.DateTimeField(_("sent"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, verbose_name=_("acknowledged by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "alerts"
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = (
            # With the severity: something that was a warning and has become critical must be told again.
            models.UniqueConstraint(fields=("key", "severity"), condition=Q(state="open"), name="alerts_one_open"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="alerts_severity_is_known"),
            models.CheckConstraint(
                condition=Q(state="open", acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(state="acknowledged", acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alerts_acknowledged_by_somebody",
            ),
        )
        indexes = (
            models.Index(fields=("untold_since",), condition=Q(untold_since__isnull=False), name="alerts_untold"),
            models.Index(fields=("told_at",), name="alerts_told"),
        )

    def __str__(self) -> str:
        return self.sentence
