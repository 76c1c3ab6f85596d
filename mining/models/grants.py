from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField


class Direction(models.TextChoices):
    CREDIT = "credit", _("credit")
    DEBIT = "debit", _("debit")


class Grant(AppendOnlyModel):
    """Hash power given to a user, or taken, from `starts_on` up to and not with `ends_on`; without an end, for ever."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="hash_power_grants", verbose_name=_("member")
    )
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.CREDIT)
    hash = MoneyField(_("hash power (MH/s)"))
    source = models.CharField(_("source"), max_length=100)
    event_id = models.CharField(_("event id"), max_length=255, null=True, blank=True)  # noqa: DJ001 - NULLs are never equal
    app = models.CharField(_("app"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=2000, blank=True)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends (not included)"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "mining_grants"
        verbose_name = _("hash power grant")
        verbose_name_plural = _("hash power grants")
        constraints = (
            models.UniqueConstraint(fields=("source", "event_id"), name="mining_grants_event_once"),
            models.CheckConstraint(condition=Q(hash__gt=0), name="mining_grants_positive"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="mining_grants_direction"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="mining_grants_lasts_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
