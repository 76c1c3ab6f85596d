import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.models.append_only import OwnFunctionTrigger, RefuseChange
from withdrawals.models.requests import Withdrawal


class NotByTheRequester(OwnFunctionTrigger):
    """Whoever filed a request doesn't approve it, and nobody approves for themselves."""

    name = "not_by_the_requester"
    operation = pgtrigger.Insert

    def function_call(self, model: type[models.Model]) -> str:
        return "withdrawals_check_approver()"


class Approval(AppendOnlyModel):
    """One person's word, for what stood in the request when they said it.

    Never changed: approvals that are void stay in their round, and the request goes on to the next.
    """

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="approvals", verbose_name=_("withdrawal"))
    round = models.PositiveIntegerField(_("round of approvals"))
    stage = models.PositiveSmallIntegerField(_("stage"))
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approver"))
    version = models.PositiveIntegerField(_("version seen"))
    digest = models.CharField(_("digest seen"), max_length=64)
    notes = models.TextField(_("notes"), blank=True)
    approved_at = models.DateTimeField(_("approved"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "withdrawal_approvals"
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = (
            models.UniqueConstraint(fields=["withdrawal", "round", "stage"], name="withdrawal_approvals_one_per_stage"),
            models.UniqueConstraint(
                fields=["withdrawal", "round", "approver"], name="withdrawal_approvals_different_people"
            ),
            models.CheckConstraint(condition=Q(stage__in=(1, 2)), name="withdrawal_approvals_stage"),
        )
        triggers = (RefuseChange(), NotByTheRequester())

    def __str__(self) -> str:
        return f"{self.withdrawal_id}/{self.round}/{self.stage}"
