from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock


class KillSwitch(models.Model):
    """One row. While it is on, nothing is submitted to the outside."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "UPDATE")

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField(_("on"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    changed_at = models.DateTimeField(_("changed"), default=clock.now)

    class Meta:
        db_table = "kill_switch"
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switch")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="kill_switch_is_one_row"),)

    def __str__(self) -> str:
        return "on" if self.is_on else "off"
