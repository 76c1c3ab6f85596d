from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core.money import MoneyField
from organization.models.members import Member


class DailyVolume(models.Model):
    """What a member and everybody below bought on a day, refunds taken back on theirs. Only the roll-up writes it."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="volumes", verbose_name=_("member"))
    day = models.DateField(_("day"))
    personal_volume = MoneyField(_("personal volume"), default=0)
    group_volume = MoneyField(_("group volume"), default=0)
    volume_left = MoneyField(_("left volume"), default=0)
    volume_right = MoneyField(_("right volume"), default=0)
    orders_count = models.IntegerField(_("orders"), default=0)

    class Meta:
        db_table = "organization_metrics_daily"
        verbose_name = _("volumes of a day")
        verbose_name_plural = _("volumes per day")
        constraints = (
            models.UniqueConstraint(fields=("member", "day"), name="organization_metrics_daily_once_per_day"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"
