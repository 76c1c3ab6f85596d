"""What we ask the pool to move: coins out of it, credit into it, credit into power."""

from typing import ClassVar, Final

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models.append_only import RefuseChange
from aeghash.core.money import MoneyField


class Status(models.TextChoices):
    SUBMITTING = "submitting", _("being submitted")
    NOT_SENT = "not_sent", _("not sent")
    REFUSED = "refused", _("refused by the pool")
    UNKNOWN = "unknown", _("outcome unknown")
    MANUAL_REVIEW = "manual-review", _("manual review")
    SUBMITTED = "submitted", _("submitted")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    RELEASED = "released", _("given up by two people")


# Those of which the remote may still show a row that we can't name yet.
OPEN: Final = (Status.SUBMITTING, Status.UNKNOWN, Status.MANUAL_REVIEW)
UNSETTLED: Final = (*OPEN, Status.SUBMITTED)
WITH_ID: Final = (Status.SUBMITTED, Status.COMPLETED, Status.FAILED)
WHAT_WAS_ASKED: Final = ("reference", "amount", "mark", "marked_at", "deadline", "created_at")


class Submission(models.Model):
    """One attempt at one call that moves value: committed with the history's mark before the socket opens.

    `called_at` is written once, right before the call: whoever finds it written doesn't call. `deadline` is when the call
    is over whatever happens; a look before it proves nothing. `reading` is the last whole look at the history that didn't
    find it, with its time.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    reference = models.CharField(_("reference"), max_length=200, unique=True)
    amount = MoneyField(_("amount"))
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.SUBMITTING)
    remote_id = models.CharField(_("id at the pool"), max_length=128, null=True, unique=True)  # noqa: DJ001 - unique
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    mark = models.JSONField(_("history before the call"))
    marked_at = models.DateTimeField(_("history read"))
    deadline = models.DateTimeField(_("call over at"))
    called_at = models.DateTimeField(_("called"), null=True)
    reading = models.JSONField(_("last reading without it"), default=dict)
    evidence = models.JSONField(_("evidence"), default=dict)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        abstract = True
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="what_was_asked_stays",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*WHAT_WAS_ASKED),
            ),
            RefuseChange(
                name="called_once",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__called_at__isnull=False)
                & pgtrigger.Q(old__called_at__df=pgtrigger.F("new__called_at")),
            ),
        )

    def __str__(self) -> str:
        return self.reference


def constraints(table: str) -> tuple[models.BaseConstraint, ...]:
    return (
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"{table}_status"),
        models.CheckConstraint(condition=Q(amount__gt=0), name=f"{table}_positive"),
        models.CheckConstraint(
            condition=Q(status__in=WITH_ID, remote_id__isnull=False) | ~Q(status__in=WITH_ID), name=f"{table}_named"
        ),
        models.CheckConstraint(
            condition=Q(remote_id__isnull=True) | Q(status__in=WITH_ID), name=f"{table}_only_then_named"
        ),
    )


class MiningWithdrawal(Submission):
    """A payout of a mined coin through the pool."""

    coin = models.CharField(_("coin"), max_length=10)
    fee = MoneyField(_("fee"), null=True)

    class Meta(Submission.Meta):
        db_table = "mining_withdrawals"
        verbose_name = _("coin payout")
        verbose_name_plural = _("coin payouts")
        indexes = (models.Index(fields=("status",), condition=Q(status__in=UNSETTLED), name="mining_withdrawals_open"),)
        constraints = (
            *constraints("mining_withdrawals"),
            # The pool's books could not tell two such apart.
            models.UniqueConstraint(
                fields=("coin", "amount"), condition=Q(status__in=OPEN), name="mining_withdrawals_one_open"
            ),
        )


class OrderKind(models.TextChoices):
    CHARGE = "charge", _("credit charge")
    SWAP = "swap", _("power swap")


class PoolOrder(Submission):
    """A credit charge or a power swap that two people have agreed on."""

    kind = models.CharField(_("kind"), max_length=6, choices=OrderKind.choices)

    class Meta(Submission.Meta):
        db_table = "mining_pool_orders"
        verbose_name = _("charge or swap")
        verbose_name_plural = _("charges and swaps")
        constraints = (
            *constraints("mining_pool_orders"),
            models.CheckConstraint(condition=Q(kind__in=OrderKind.values), name="mining_pool_orders_kind"),
            models.UniqueConstraint(
                fields=("kind", "amount"), condition=Q(status__in=OPEN), name="mining_pool_orders_one_open"
            ),
        )
