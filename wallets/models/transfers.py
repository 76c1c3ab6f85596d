"""Every movement of money there ever was. A transfer has two sides, so all sides of an asset always sum to zero."""

from typing import ClassVar, Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import READ_ONLY
from aeghash.core.models import AppendOnlyModel, TransactionStampedModel
from aeghash.core.money import MoneyField
from wallets.models.assets import Asset
from wallets.models.balances import Balance, Debt
from wallets.models.system_accounts import SystemAccount


class TransferKind(models.TextChoices):
    POST = "post", _("posted")
    HOLD = "hold", _("held")
    SETTLE = "settle", _("settled")
    RELEASE = "release", _("released")


HOLDING: Final = (TransferKind.HOLD, TransferKind.SETTLE, TransferKind.RELEASE)


def one_side(name: str) -> Q:
    return Q(**{f"{name}__isnull": True, f"{name}_system__isnull": False}) | Q(
        **{f"{name}__isnull": False, f"{name}_system__isnull": True}
    )


class Transfer(AppendOnlyModel, TransactionStampedModel):
    """A settle or release names its hold in `resolves` and repeats its sides (a settle may pay somewhere else).

    No foreign key is asked by the database: its own function is the only writer and holds the balances' locks, while a
    key to the asset would make all writers meet at one row (docs/decisions/0036). L1 and L5 are the second look.
    """

    application_rights: ClassVar[tuple[str, ...]] = READ_ONLY

    kind = models.CharField(_("kind"), max_length=7, choices=TransferKind.choices)
    reference = models.CharField(_("reference"), max_length=255)
    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="+", db_constraint=False, db_index=False, verbose_name=_("asset")
    )
    amount = MoneyField(_("amount"))
    source = models.ForeignKey(
        Balance, models.PROTECT, related_name="outgoing", null=True, db_constraint=False, db_index=False
    )
    source_system = models.CharField(_("from"), max_length=20, choices=SystemAccount.choices, null=True)  # noqa: DJ001
    target = models.ForeignKey(
        Balance, models.PROTECT, related_name="incoming", null=True, db_constraint=False, db_index=False
    )
    target_system = models.CharField(_("to"), max_length=20, choices=SystemAccount.choices, null=True)  # noqa: DJ001
    resolves = models.ForeignKey(
        "self", models.PROTECT, related_name="resolutions", null=True, db_constraint=False, db_index=False
    )
    debt = models.ForeignKey(
        Debt, models.PROTECT, related_name="transfers", null=True, db_constraint=False, db_index=False
    )
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "transfers"
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = (
            # The operator class lets staff search by how a reference begins, with no second index.
            models.UniqueConstraint(
                fields=["reference"], opclasses=["varchar_pattern_ops"], name="transfers_reference_once"
            ),
            models.UniqueConstraint(
                fields=["resolves"], condition=Q(resolves__isnull=False), name="transfers_hold_resolved_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="transfers_known_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfers_amount_positive"),
            models.CheckConstraint(condition=~Q(reference=""), name="transfers_have_a_cause"),
            models.CheckConstraint(condition=one_side("source"), name="transfers_one_source"),
            models.CheckConstraint(condition=one_side("target"), name="transfers_one_target"),
            models.CheckConstraint(
                condition=(Q(source_system__isnull=True) | Q(source_system__in=SystemAccount.values))
                & (Q(target_system__isnull=True) | Q(target_system__in=SystemAccount.values)),
                name="transfers_known_accounts",
            ),
            models.CheckConstraint(
                condition=~Q(source=models.F("target")) & ~Q(source_system=models.F("target_system")),
                name="transfers_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("post", "hold"), resolves__isnull=True)
                | Q(kind__in=("settle", "release"), resolves__isnull=False),
                name="transfers_resolve_a_hold",
            ),
            models.CheckConstraint(
                condition=~Q(kind="hold") | Q(source__isnull=False), name="transfers_hold_a_balance"
            ),
            models.CheckConstraint(
                condition=Q(debt__isnull=True)
                & (Q(source_system__isnull=True) | ~Q(source_system=SystemAccount.DEBTS))
                & (Q(target_system__isnull=True) | ~Q(target_system=SystemAccount.DEBTS))
                | Q(debt__isnull=False, source_system=SystemAccount.DEBTS)
                | Q(debt__isnull=False, target_system=SystemAccount.DEBTS),
                name="transfers_debts_have_debtors",
            ),
        )
        indexes = (
            models.Index(fields=["source", "id"], condition=Q(source__isnull=False), name="transfers_out_of_balance"),
            models.Index(fields=["target", "id"], condition=Q(target__isnull=False), name="transfers_into_balance"),
            models.Index(fields=["debt"], condition=Q(debt__isnull=False), name="transfers_of_debt"),
            models.Index(fields=["asset", "id"], name="transfers_of_asset"),
            # The few among the many: a list of holds alone would read all of what was posted since the last one.
            models.Index(fields=["kind", "id"], condition=Q(kind__in=HOLDING), name="transfers_around_holds"),
            BrinIndex(fields=["at"], name="transfers_at"),
        )

    def __str__(self) -> str:
        return self.reference
