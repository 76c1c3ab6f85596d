from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models.append_only import RefuseChange
from withdrawals.models.requests import Withdrawal

WRITTEN_ONCE = ("withdrawal", "number", "mark", "started_at")


class Result(models.TextChoices):
    NOT_SENT = "not_sent", _("not sent")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    UNKNOWN = "unknown", _("unknown")


class WithdrawalAttempt(models.Model):
    """One call that may pay. Committed, with the mark of the remote's history, before the socket opens.

    Open until its outcome is certain, or two people have decided what to make of it: there is never a second one beside it.
    """

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="tries", verbose_name=_("withdrawal"))
    round = models.PositiveIntegerField(_("round of approvals"), default=1)
    number = models.PositiveSmallIntegerField(_("number"))
    mark = models.JSONField(_("mark of the history"), default=dict)
    started_at = models.DateTimeField(_("begun"), default=clock.now)
    result = models.CharField(  # noqa: DJ001 - nothing has come back yet
        _("outcome"), max_length=10, choices=Result.choices, null=True, blank=True
    )
    remote_id = models.CharField(_("number at the remote"), max_length=255, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=list)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        db_table = "withdrawal_attempts"
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = (
            models.UniqueConstraint(fields=["withdrawal", "number"], name="withdrawal_attempts_numbered"),
            models.UniqueConstraint(
                fields=["withdrawal"], condition=Q(closed_at__isnull=True), name="withdrawal_attempts_one_open"
            ),
        )
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="begun_once",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*WRITTEN_ONCE),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"withdrawal:{self.withdrawal_id}:{self.number}"
