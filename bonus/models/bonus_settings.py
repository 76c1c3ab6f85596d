"""When and how bonuses are closed, and what of them may be withdrawn: rows with the time from which they hold."""

from decimal import Decimal
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField

LONGEST_LAG: Final = 60
LARGEST_CHUNK: Final = 20_000
MOST_ATTEMPTS: Final = 20
LONGEST_PAUSE: Final = 24 * 60 * 60  # seconds
LONGEST_CLOSING: Final = 240  # minutes


def between(least: int, most: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class Cycle(models.TextChoices):
    DAILY = "daily", _("daily")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")


class Weekday(models.TextChoices):
    """In the order in which Python counts them."""

    MONDAY = "MONDAY", _("Monday")
    TUESDAY = "TUESDAY", _("Tuesday")
    WEDNESDAY = "WEDNESDAY", _("Wednesday")
    THURSDAY = "THURSDAY", _("Thursday")
    FRIDAY = "FRIDAY", _("Friday")
    SATURDAY = "SATURDAY", _("Saturday")
    SUNDAY = "SUNDAY", _("Sunday")


class Format(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


class BonusSettings(AppendOnlyModel):
    """The newest version that holds already counts; a change is a new row, and old periods can still be explained."""

    valid_from = models.DateTimeField(_("valid from"), unique=True)
    timezone = models.CharField(
        _("time zone"), max_length=64, help_text=_("Of the time of closing and of the day on which a period ends.")
    )
    period = models.CharField(
        _("period"), max_length=7, choices=Cycle.choices, help_text=_("How often bonuses are closed.")
    )
    close_time = models.TimeField(
        _("time of closing"), help_text=_("A period ends at this time, and the next one begins there.")
    )
    weekly_anchor = models.CharField(
        _("last day of a week"),
        max_length=9,
        choices=Weekday.choices,
        help_text=_("Counts where the period is weekly."),
    )
    monthly_anchor = models.PositiveSmallIntegerField(
        _("last day of a month"),
        validators=between(1, 28),
        help_text=_("1 to 28. Counts where the period is monthly."),
    )
    refund_lag_days = models.PositiveSmallIntegerField(
        _("refund lag (days)"),
        validators=between(0, LONGEST_LAG),
        help_text=_("Orders paid within so many days before a period's end roll over to the next closing."),
    )
    chunk_size = models.PositiveSmallIntegerField(
        _("members at once"),
        validators=between(1, LARGEST_CHUNK),
        help_text=_("How many members are credited by one transaction of a closing."),
    )
    max_close_duration_min = models.PositiveSmallIntegerField(
        _("longest silence of a closing (minutes)"),
        validators=between(1, LONGEST_CLOSING),
        help_text=_("A closing that credits nobody for so long is taken over by another worker."),
    )
    retry_attempts = models.PositiveSmallIntegerField(
        _("attempts at a credit"),
        validators=between(1, MOST_ATTEMPTS),
        help_text=_("After the last one the credit has failed, and an alert says so."),
    )
    retry_first_seconds = models.PositiveIntegerField(
        _("first pause (seconds)"),
        validators=between(1, LONGEST_PAUSE),
        help_text=_("After the first attempt. Each further pause is twice the last."),
    )
    retry_longest_seconds = models.PositiveIntegerField(
        _("longest pause (seconds)"),
        validators=between(1, LONGEST_PAUSE),
        help_text=_("No pause between two attempts is longer, give or take a quarter."),
    )
    export_formats = ArrayField(
        models.CharField(max_length=4, choices=Format.choices),
        verbose_name=_("formats of the report"),
        help_text=_("As which files a closing's report can be taken."),
    )
    warning_times = MoneyField(
        _("warned of from so many times the usual"),
        validators=[MinValueValidator(Decimal("1.01"))],
        help_text=_("A draft's total that is so many times the usual of the last closings is marked."),
    )
    withdrawal_cap_percent = MoneyField(
        _("cap of withdrawals (percent)"),
        validators=between(0, 10_000),
        help_text=_("How much of a member's own purchases may ever be withdrawn as bonus."),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "bonus_settings"
        verbose_name = _("version of the bonus settings")
        verbose_name_plural = _("bonus settings")
        constraints = (
            models.CheckConstraint(condition=Q(period__in=Cycle.values), name="bonus_settings_known_period"),
            models.CheckConstraint(condition=Q(weekly_anchor__in=Weekday.values), name="bonus_settings_known_weekday"),
            models.CheckConstraint(condition=Q(monthly_anchor__range=(1, 28)), name="bonus_settings_monthly_anchor"),
            models.CheckConstraint(condition=Q(refund_lag_days__lte=LONGEST_LAG), name="bonus_settings_refund_lag"),
            models.CheckConstraint(
                condition=Q(chunk_size__range=(1, LARGEST_CHUNK)), name="bonus_settings_chunk_size"
            ),
            models.CheckConstraint(
                condition=Q(max_close_duration_min__range=(1, LONGEST_CLOSING)), name="bonus_settings_duration"
            ),
            models.CheckConstraint(
                condition=Q(retry_attempts__range=(1, MOST_ATTEMPTS))
                & Q(retry_first_seconds__gte=1)
                & Q(retry_longest_seconds__gte=F("retry_first_seconds"))
                & Q(retry_longest_seconds__lte=LONGEST_PAUSE),
                name="bonus_settings_retries",
            ),
            models.CheckConstraint(
                condition=Q(export_formats__len__gte=1) & Q(export_formats__contained_by=Format.values),
                name="bonus_settings_known_formats",
            ),
            models.CheckConstraint(
                condition=Q(warning_times__gt=1) & Q(withdrawal_cap_percent__gte=0), name="bonus_settings_figures"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.pk}"
