from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import ChainedLog
from withdrawals.models.requests import Withdrawal
from withdrawals.models.statuses import Status


class Action(models.TextChoices):
    REQUESTED = "requested", _("requested")
    FLAGGED = "flagged", _("flagged for review")
    APPROVED_STAGE1 = "approved_stage1", _("first approval")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")
    SUBMITTING = "submitting", _("submission begun")
    SUBMITTED = "submitted", _("submitted")
    UNKNOWN = "unknown", _("outcome unknown")
    RECONCILED = "reconciled", _("found at the remote")
    MANUAL_REVIEW = "manual_review", _("manual review")
    FORWARDING = "forwarding", _("to be forwarded")
    FORWARDED = "forwarded", _("forwarding recorded")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    RETRYING = "retrying", _("to be submitted again")
    EXPIRED = "expired", _("approvals void")


class WithdrawalLog(ChainedLog):
    """Every step of a request, chained by hash under the row lock that the step holds anyway."""

    chain_of = "withdrawal"

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="log", verbose_name=_("withdrawal"))
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices)
    version = models.PositiveIntegerField(_("version"))
    actor_kind = models.CharField(_("kind of actor"), max_length=10)
    actor_id = models.CharField(_("actor"), max_length=100)
    actor_label = models.CharField(_("name of the actor"), max_length=320, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    findings = models.JSONField(_("findings"), default=list)
    details = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("time"), default=clock.now)

    class Meta(ChainedLog.Meta):
        db_table = "withdrawal_audit_logs"
        verbose_name = _("step of a withdrawal")
        verbose_name_plural = _("steps of withdrawals")

    def __str__(self) -> str:
        return f"{self.withdrawal_id}: {self.action}"
