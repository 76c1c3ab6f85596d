from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.recurrence import BadCron, BadZone, checked_zone, parsed_cron


def validate_cron(value: str) -> None:
    try:
        parsed_cron(value)
    except BadCron as problem:
        raise ValidationError(str(problem)) from problem


def validate_zone(value: str) -> None:
    try:
        checked_zone(value)
    except BadZone as problem:
        raise ValidationError(str(problem)) from problem


class Missed(models.TextChoices):
    """What becomes of occurrences that passed while nothing ran."""

    CATCH_UP = "catch_up", _("caught up, each")
    SKIP = "skip", _("skipped")


class Schedule(models.Model):
    """When a kind of job is started by itself. The code declares it once; from then on it is the staff's."""

    # Staff switch a schedule off; deleted, it would come back with the next release.
    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind of job"), max_length=100)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    cron = models.CharField(
        _("cron expression"),
        max_length=100,
        validators=[validate_cron],
        help_text=_("Minute, hour, day of month, month, day of week: “30 9 * * 1-5”."),
    )
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_zone])
    missed = models.CharField(_("missed occurrences"), max_length=20, choices=Missed, default=Missed.SKIP)
    enabled = models.BooleanField(_("enabled"), default=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, help_text=_("Empty: not yet worked out."))
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True)

    class Meta:
        db_table = "schedules"
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints = (models.CheckConstraint(condition=Q(missed__in=Missed.values), name="schedules_missed_is_known"),)

    def __str__(self) -> str:
        return self.name
