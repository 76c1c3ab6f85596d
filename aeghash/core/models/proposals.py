from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import acts, clock
from aeghash.core.models.append_only import RefuseChange

CONTENT = ("kind", "content", "seen", "digest", "reason", "proposed_by", "proposed_at", "expires_at")


class ProposalStatus(models.TextChoices):
    WAITING = "waiting", _("waiting for a second person")
    EXECUTED = "executed", _("executed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")


class Proposal(models.Model):
    """One act that somebody wants done, exactly as it would be done, waiting for a second person."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    kind = models.CharField(_("act"), max_length=100)
    content = models.JSONField(_("content"))
    seen = models.JSONField(null=True)
    digest = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"))
    status = models.CharField(
        _("status"), max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decisions", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    result = models.JSONField(null=True)

    class Meta:
        db_table = "proposals"
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        indexes = (
            models.Index(fields=["expires_at"], condition=models.Q(status="waiting"), name="proposals_waiting"),
            models.Index(fields=["-proposed_at", "-id"], name="proposals_newest"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(status="executed") | ~models.Q(decided_by=models.F("proposed_by")),
                name="proposals_take_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(status="waiting", decided_at__isnull=True)
                | (~models.Q(status="waiting") & models.Q(decided_at__isnull=False)),
                name="proposals_decided_once_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="executed") | models.Q(decided_by__isnull=False),
                name="proposals_executed_by_somebody",
            ),
        )
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="what_was_proposed_stays",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*CONTENT),
            ),
            RefuseChange(
                name="decided_once",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__df="waiting"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.act.label} #{self.pk}"

    @property
    def act(self) -> acts.Act:
        return acts.find(self.kind)
