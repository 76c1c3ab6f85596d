from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from risk.figures import Figures, read_figures


class Policy(AppendOnlyModel):
    """One version of the figures. In force is the highest version whose time has come: a newer one always wins, also over
    an older one that was still to begin."""

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    figures = models.JSONField(_("figures"))
    reason = models.TextField(_("reason"))
    valid_from = models.DateTimeField(_("in force from"))
    created_at = models.DateTimeField(_("agreed"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "risk_policies"
        verbose_name = _("risk policy")
        verbose_name_plural = _("risk policies")
        constraints = (
            models.CheckConstraint(condition=models.Q(version__gte=1), name="risk_policies_versions_from_one"),
        )

    def __str__(self) -> str:
        return f"v{self.version}"

    def read(self) -> Figures:
        return read_figures(self.figures)
