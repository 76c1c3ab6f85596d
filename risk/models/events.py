from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import TransactionStampedModel
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.money import MoneyField
from risk.findings import Finding
from risk.models.policies import Policy
from risk.severities import Decision

SUBJECT = ("subject_kind", "subject_id")
CONTENT = (
    "user", "decision", "policy", "findings", "context", "asset", "amount", "address", "ip", "device_id", "requested_at",
    "decided_at", "xid",
)  # fmt: skip
BLOCKS = Q(findings__contains=[{"severity": "block"}])
REVIEWS = Q(findings__contains=[{"severity": "review"}])


class RiskEvent(TransactionStampedModel):
    """One decision: what was asked for, by which version it was judged, and what was found.

    Nothing of it changes; only what it was about may be said once afterwards, where that has its number later.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="risk_events", verbose_name=_("member")
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="events", verbose_name=_("risk policy"))
    findings = models.JSONField(_("findings"), default=list)
    context = models.JSONField(_("what was judged"))
    asset = models.CharField(_("asset"), max_length=10)
    amount = MoneyField(_("amount"))
    address = models.CharField(_("payout address"), max_length=128, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    device_id = models.CharField(_("device"), max_length=255, blank=True)
    subject_kind = models.CharField(_("kind of request"), max_length=50, blank=True)
    subject_id = models.CharField(_("request"), max_length=64, blank=True)
    requested_at = models.DateTimeField(_("asked for"))
    decided_at = models.DateTimeField(_("decided"), default=clock.now)

    class Meta:
        db_table = "risk_events"
        verbose_name = _("risk decision")
        verbose_name_plural = _("risk decisions")
        indexes = (
            models.Index(fields=["user", "-id"], name="risk_events_of_a_member"),
            models.Index(fields=["user", "ip"], name="risk_events_known_ips"),
            models.Index(fields=["user", "decided_at"], condition=Q(decision="block"), name="risk_events_blocks"),
            models.Index(fields=["decision", "-id"], name="risk_events_by_decision"),
            models.Index(fields=SUBJECT, condition=~Q(subject_kind=""), name="risk_events_of_a_subject"),
        )
        constraints = (
            # The decision is the severest finding's, whoever writes the row.
            models.CheckConstraint(
                condition=Q(BLOCKS, decision="block")
                | Q(~BLOCKS & REVIEWS, decision="review")
                | Q(~BLOCKS & ~REVIEWS, decision="allow"),
                name="risk_events_decided_by_findings",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind="", subject_id="") | (~Q(subject_kind="") & ~Q(subject_id="")),
                name="risk_events_whole_subject",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="risk_events_amount_positive"),
        )
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="what_was_decided_stays",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*CONTENT),
            ),
            RefuseChange(
                name="subject_is_said_once",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__subject_kind=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_decision_display()} #{self.pk}"

    def found(self) -> list[Finding]:
        return [Finding.from_json(finding) for finding in self.findings]
