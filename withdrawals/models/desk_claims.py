from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from withdrawals.models.requests import Withdrawal


class DeskClaim(models.Model):
    """Who is looking at a request, for some minutes. A note to colleagues: it holds nobody up, and proves nothing."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    withdrawal = models.OneToOneField(
        Withdrawal, models.PROTECT, primary_key=True, related_name="desk_claim", verbose_name=_("withdrawal")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("being looked at by")
    )
    until = models.DateTimeField(_("until"))

    class Meta:
        db_table = "withdrawals_desk_claims"
        verbose_name = _("request being looked at")
        verbose_name_plural = _("requests being looked at")

    def __str__(self) -> str:
        return f"#{self.withdrawal_id}"
