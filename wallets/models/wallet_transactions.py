"""Tokens that leave a wallet by MBlock: one row, one transfer on the chain at the most."""

from typing import ClassVar, Final

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import TimestampedModel
from aeghash.core.models.append_only import OwnFunctionTrigger, RefuseChange
from aeghash.core.money import MoneyField
from wallets.models.assets import Asset
from wallets.models.crypto_wallets import ADDRESS, CryptoWallet


class TransactionKind(models.TextChoices):
    TRANSFER = "transfer", _("transfer")
    TRANSIT = "transit", _("transit")


class TransactionOrigin(models.TextChoices):
    STAFF = "staff", _("staff")
    PAYOUT = "payout", _("payout")  # driven by its owner through the payout channel


class TransactionStatus(models.TextChoices):
    QUEUED = "queued", _("queued")
    SUBMITTING = "submitting", _("being submitted")
    SUBMITTED = "submitted", _("submitted")
    PENDING_TRANSIT = "pending-transit", _("transit pending")
    RETRYING = "retrying", _("will be tried again")
    MANUAL_REVIEW = "manual-review", _("manual review")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")


S = TransactionStatus
# All edges; the trigger of the migration knows the same. Out of manual review a row is led by proof, by two people, or by
# the late answer to the very call that was given up for unknown.
EDGES: Final[dict[str, tuple[str, ...]]] = {
    S.QUEUED: (S.SUBMITTING, S.FAILED),
    S.RETRYING: (S.SUBMITTING, S.FAILED),
    S.SUBMITTING: (S.SUBMITTED, S.PENDING_TRANSIT, S.RETRYING, S.MANUAL_REVIEW, S.FAILED),
    S.SUBMITTED: (S.COMPLETED, S.MANUAL_REVIEW),
    S.PENDING_TRANSIT: (S.COMPLETED, S.MANUAL_REVIEW),
    S.MANUAL_REVIEW: (S.SUBMITTED, S.PENDING_TRANSIT, S.COMPLETED, S.FAILED),
    S.COMPLETED: (),
    S.FAILED: (),
}
WAITING: Final = (S.QUEUED, S.RETRYING)
FINAL: Final = (S.COMPLETED, S.FAILED)
# What MBlock's books could not tell apart from a second one out of the same wallet. A submitted one is told by its txid.
IN_FLIGHT: Final = (S.SUBMITTING, S.PENDING_TRANSIT, S.MANUAL_REVIEW)


class WalkEdges(OwnFunctionTrigger):
    name = "walk_edges"
    operation = pgtrigger.Insert | pgtrigger.Update

    def function_call(self, model: type[models.Model]) -> str:
        return "walk_wallet_transaction()"


class WalletTransaction(TimestampedModel):
    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    kind = models.CharField(_("kind"), max_length=10, choices=TransactionKind)
    origin = models.CharField(_("origin"), max_length=10, choices=TransactionOrigin, default=TransactionOrigin.STAFF)
    wallet = models.ForeignKey(CryptoWallet, models.PROTECT, related_name="transactions", verbose_name=_("from wallet"))
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("asset"))
    to_address = models.CharField(_("to"), max_length=42)
    amount = MoneyField(_("amount"))
    reference = models.CharField(
        _("reference"), max_length=200, unique=True, help_text=_("What caused it, so that twice asked is once paid.")
    )
    retry_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="retry", verbose_name=_("in place of")
    )
    status = models.CharField(_("status"), max_length=16, choices=TransactionStatus, default=TransactionStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Written before the socket opens: until when the call may take, and what the balances were.
    call_until = models.DateTimeField(null=True, blank=True, editable=False)
    mark = models.JSONField(_("before the call"), default=dict, blank=True)
    txid = models.CharField("txid", max_length=200, unique=True, null=True, blank=True)
    token = models.CharField("token", max_length=200, unique=True, null=True, blank=True)
    reason = models.CharField(_("last answer"), max_length=200, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    look_until = models.DateTimeField(_("watched until"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        db_table = "wallet_transactions"
        verbose_name = _("token transfer")
        verbose_name_plural = _("token transfers")
        constraints = (
            models.CheckConstraint(condition=Q(status__in=TransactionStatus.values), name="wallet_transactions_status"),
            models.CheckConstraint(condition=Q(kind__in=TransactionKind.values), name="wallet_transactions_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallet_transactions_amount"),
            models.CheckConstraint(condition=Q(to_address__regex=ADDRESS), name="wallet_transactions_to"),
            models.CheckConstraint(
                condition=Q(status="submitting", call_until__isnull=False)
                | (~Q(status="submitting") & Q(call_until__isnull=True)),
                name="wallet_transactions_called_for_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(txid__isnull=False), name="wallet_transactions_submitted_named"
            ),
            models.CheckConstraint(
                condition=~Q(status="pending-transit") | Q(kind="transit", token__isnull=False),
                name="wallet_transactions_transit_named",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(txid__isnull=False, evidence__has_key="receipt"),
                name="wallet_transactions_completed_proven",
            ),
            models.CheckConstraint(
                condition=Q(status__in=FINAL, finished_at__isnull=False)
                | (~Q(status__in=FINAL) & Q(finished_at__isnull=True)),
                name="wallet_transactions_finished",
            ),
            models.UniqueConstraint(
                fields=("wallet",), condition=Q(status__in=IN_FLIGHT), name="wallet_transactions_one_in_flight"
            ),
        )
        indexes = (
            models.Index(F("wallet"), F("id").desc(), name="wallet_transactions_of_wallet"),
            models.Index(fields=("status", "-id"), name="wallet_transactions_by_status"),
            models.Index(fields=("id",), condition=~Q(status__in=FINAL), name="wallet_transactions_open"),
        )
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            WalkEdges(),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


class WalletCallback(models.Model):
    """What somebody who knows our callback address claims of a transit. A hint of what to look for, never a proof."""

    application_rights: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "DELETE")

    token = models.CharField("token", max_length=200)
    txid = models.CharField("txid", max_length=200, blank=True)
    succeeded = models.BooleanField(_("succeeded"))
    message = models.CharField(_("message"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received"), default=clock.now)

    class Meta:
        db_table = "wallet_callbacks"
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        constraints = (models.UniqueConstraint(fields=("token", "txid", "succeeded"), name="wallet_callbacks_once"),)
        indexes = (models.Index(fields=("received_at",), name="wallet_callbacks_by_age"),)

    def __str__(self) -> str:
        return self.token
