from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import SoftDeletableModel
from aeghash.core.models.append_only import RefuseChange
from risk.models.networks import NetworkField

CONTENT = ("kind", "target", "network", "address", "user", "note", "valid_from", "created_at", "created_by")


class ListKind(models.TextChoices):
    BLOCKED = "blocked", _("blocked list")
    TRUSTED = "trusted", _("trusted list")


class Target(models.TextChoices):
    IP = "ip", _("IP address or CIDR")
    ADDRESS = "address", _("payout address")


class ListEntry(SoftDeletableModel):
    """An IP network or a payout address that is blocked or trusted: for one member, or for everybody.

    It is in effect from `valid_from` to before `valid_until`, whether it is deleted or not: deleting it sets its end.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    kind = models.CharField(_("list"), max_length=10, choices=ListKind.choices)
    target = models.CharField(_("what it is"), max_length=10, choices=Target.choices)
    network = NetworkField(_("IP address or CIDR"), null=True)
    address = models.CharField(_("payout address"), max_length=128, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("only for the member")
    )
    note = models.TextField(_("note"))
    valid_from = models.DateTimeField(_("in effect from"))
    valid_until = models.DateTimeField(_("in effect until"), null=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("removed by")
    )

    class Meta:
        db_table = "risk_list_entries"
        verbose_name = _("list entry")
        verbose_name_plural = _("risk lists")
        indexes = (
            GistIndex(fields=["network"], opclasses=["inet_ops"], name="risk_list_entries_networks"),
            models.Index(fields=["address"], condition=Q(target="address"), name="risk_list_entries_addresses"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "target", "network", "address", "user"),
                condition=Q(deleted_at__isnull=True),
                nulls_distinct=False,
                name="risk_list_entries_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=ListKind.values), name="risk_list_entries_known_kind"),
            models.CheckConstraint(
                condition=Q(target="ip", network__isnull=False, address="")
                | Q(Q(target="address", network__isnull=True), ~Q(address="")),
                name="risk_list_entries_one_target",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True)
                | Q(deleted_at__isnull=False, deleted_by__isnull=False, valid_until__isnull=False),
                name="risk_list_entries_removed_by_somebody",
            ),
        )
        triggers = (
            RefuseChange(name="no_delete", operation=pgtrigger.Delete | pgtrigger.Truncate),
            RefuseChange(
                name="what_it_says_stays",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*CONTENT),
            ),
            RefuseChange(
                name="removed_once",
                level=pgtrigger.Row,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__deleted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def value(self) -> str:
        return self.address if self.network is None else str(self.network)

    def is_in_effect(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def in_effect(at: datetime) -> Q:
    """The same for a query."""
    return Q(valid_from__lte=at) & (Q(valid_until__isnull=True) | Q(valid_until__gt=at))
