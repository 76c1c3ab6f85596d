"""What a member wants paid out."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import TimestampedModel
from aeghash.core.models.append_only import OwnFunctionTrigger, RefuseChange
from aeghash.core.money import MoneyField
from wallets.models import Asset, Transfer
from withdrawals.models.statuses import CLOSED, UNDECIDED, Status


class Channel(models.TextChoices):
    HASHDAM = "hashdam", "HashDam"
    MBLOCK = "mblock", "MBlock"


class LegalStep(OwnFunctionTrigger):
    """Raw SQL and `.update()` walk the same edges as the operations, and can't touch what was asked for."""

    name = "legal_step"
    operation = pgtrigger.Insert | pgtrigger.Update

    def function_call(self, model: type[models.Model]) -> str:
        return "withdrawals_legal_step()"


class Withdrawal(TimestampedModel):
    """One request. What it asks for never changes; its status has one writer, `operations.step`.

    `version` goes up with every decision, so that an approval names what was seen. `round` counts the sets of approvals:
    when they are void (expired, or a re-check failed), the next ones belong to the next round.
    """

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="withdrawals", verbose_name=_("member")
    )
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("asset"))
    amount = MoneyField(_("amount"))
    fee = MoneyField(_("fee on top"), default=0)
    address = models.CharField(_("address"), max_length=255, null=True, blank=True)  # noqa: DJ001 - none was given
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    digest = models.CharField(_("digest"), max_length=64, editable=False, db_default="")  # the database's own

    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    version = models.PositiveIntegerField(_("version"), default=1)
    approvals_needed = models.PositiveSmallIntegerField(_("approvals needed"), default=2)
    round = models.PositiveIntegerField(_("round of approvals"), default=1)
    reason = models.TextField(_("reason"), blank=True)
    is_flagged = models.BooleanField(_("flagged"), default=False)
    findings = models.JSONField(_("findings"), default=list)
    hold = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hold")
    )

    source = models.CharField(_("asked through"), max_length=64)
    reference_id = models.CharField(_("reference of the partner"), max_length=255, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("filed by")
    )
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    device_id = models.CharField(_("device"), max_length=255, blank=True)
    retry_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="retried_as", verbose_name=_("again for")
    )

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("being submitted until"), null=True, blank=True)
    remote_id = models.CharField(_("number at the remote"), max_length=255, null=True, blank=True)  # noqa: DJ001
    forwarding_txid = models.CharField(_("transaction of the exchange"), max_length=255, blank=True)
    forwarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("forwarded by"),
    )
    requested_at = models.DateTimeField(_("requested"), default=clock.now)
    moved_at = models.DateTimeField(_("in this status since"), default=clock.now)

    class Meta:
        db_table = "withdrawal_requests"
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        indexes = (
            models.Index(fields=["status", "-id"], name="withdrawals_by_status"),
            models.Index(fields=["user", "-id"], name="withdrawals_by_user"),
            models.Index(fields=["user", "asset", "requested_at"], name="withdrawals_of_a_day"),
            models.Index(fields=["-id"], condition=Q(is_flagged=True), name="withdrawals_flagged"),
            # The desk's tabs, whose rows are few among millions or nearly all of them; and what it is asked for by number.
            models.Index(
                fields=["id"], condition=Q(is_flagged=True, status__in=UNDECIDED), name="withdrawals_flagged_waiting"
            ),
            models.Index(fields=["-id"], condition=Q(status__in=CLOSED), name="withdrawals_closed"),
            models.Index(fields=["address"], name="withdrawals_by_address"),
            models.Index(fields=["remote_id"], name="withdrawals_by_remote_id"),
            models.Index(fields=["reference_id"], condition=~Q(reference_id=""), name="withdrawals_by_reference"),
            models.Index(fields=["forwarding_txid"], condition=~Q(forwarding_txid=""), name="withdrawals_by_txid"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0, fee__gte=0), name="withdrawals_positive"),
            models.CheckConstraint(condition=Q(approvals_needed__in=(1, 2)), name="withdrawals_approvals_needed"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="withdrawals_known_status"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="withdrawals_known_channel"),
            models.CheckConstraint(
                condition=Q(hold__isnull=False) | Q(status=Status.CANCELLED), name="withdrawals_hold_what_they_ask"
            ),
            models.CheckConstraint(
                condition=Q(address__isnull=False) | ~Q(channel=Channel.MBLOCK), name="withdrawals_mblock_pays_to_one"
            ),
            models.CheckConstraint(
                condition=Q(remote_id__isnull=False)
                | ~Q(status__in=(Status.SUBMITTED, Status.FORWARDING, Status.COMPLETED)),
                name="withdrawals_submitted_are_named",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SUBMITTING) | Q(lease_until__isnull=False),
                name="withdrawals_submitting_for_a_time",
            ),
            models.UniqueConstraint(fields=["channel", "remote_id"], name="withdrawals_one_per_remote_id"),
            models.UniqueConstraint(
                fields=["forwarding_txid"], condition=~Q(forwarding_txid=""), name="withdrawals_forwarded_once"
            ),
        )
        triggers = (
            LegalStep(),
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED
