"""Payouts of coins through the pool, attempt by attempt."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.actors import acting_as, person
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.models import User
from mining.admin.areas import MINING, VIEW_MINING
from mining.models import (
    UNSETTLED,
    MiningWithdrawal,
    PoolOrder,
    Status,
)
from mining.operations.reconcile_payouts import reconcile_payout

TONES = {
    Status.COMPLETED: "ok",
    Status.SUBMITTED: "info",
    Status.SUBMITTING: "info",
    Status.UNKNOWN: "warn",
    Status.MANUAL_REVIEW: "bad",
    Status.FAILED: "bad",
    Status.REFUSED: "bad",
    Status.NOT_SENT: "warn",
}


def reconcile(row: MiningWithdrawal, by: User, _given: Given) -> object:
    with acting_as(person(by)):
        return reconcile_payout(row=row)


def shown(row: MiningWithdrawal) -> dict[Any, Any]:
    return {
        _("Amount"): cells.money(row.amount, row.coin),
        _("Status"): badge(row),
        _("Reason"): cells.text(row.reason),
    }


def badge(row: MiningWithdrawal | PoolOrder) -> str:
    return cells.badge(row.get_status_display(), TONES.get(Status(row.status), ""))


RECONCILE = RowAct[MiningWithdrawal](
    name="reconcile",
    label=gettext_lazy("Reconcile now"),
    explains=gettext_lazy("Looks in the pool's history now. Nothing is sent."),
    done=gettext_lazy("Looked up."),
    carry_out=reconcile,
    right=rights.WORK_JOBS,
    describes=shown,
    offered=lambda row, _user: row.status in UNSETTLED,
    tone="primary",
)


@admin.register(MiningWithdrawal)
class PayoutScreen(Screen[MiningWithdrawal]):
    area = MINING
    place = 40
    may_view = VIEW_MINING
    lead = gettext_lazy("Each attempt at paying coins out. What isn't known is never sent again by itself.")
    empty_title = gettext_lazy("No coins have been paid out yet")
    empty_text = gettext_lazy("Approved withdrawals of coins appear here while the pool carries them out.")
    tabs = (
        Tab("open", gettext_lazy("Open"), Q(status__in=UNSETTLED)),
        Tab("review", gettext_lazy("Manual review"), Q(status=Status.MANUAL_REVIEW)),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    row_acts = (RECONCILE,)
    filters = ("coin",)
    search_fields = ("reference__startswith", "=remote_id")
    list_display = ("named", "amount_shown", "status_shown", "reason", "made", "settled")
    ordering = ("-id",)
    sortable_by = ()

    def waiting(self) -> QuerySet[MiningWithdrawal]:
        return MiningWithdrawal.objects.filter(status=Status.MANUAL_REVIEW)

    def badge_of(self, row: MiningWithdrawal) -> str:
        return badge(row)

    def sections(self, row: MiningWithdrawal) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Amount"), self.amount_shown(row)),
            (_("Fee"), cells.money(row.fee, row.coin)),
            (_("Reason"), cells.text(row.reason)),
            (_("Id at the pool"), cells.text(row.remote_id)),
            (_("History read"), cells.moment(row.marked_at)),
            (_("Called"), cells.moment(row.called_at)),
            (_("Call over at"), cells.moment(row.deadline)),
            (_("Settled"), cells.moment(row.settled_at)),
        ]
        title = _("Evidence")
        html = render_to_string("admin/kit/data.html", {"value": row.evidence or None, "label": title})
        return Section(_("Payout"), facts), Section(title, html=html)

    @admin.display(description=gettext_lazy("reference"))
    def named(self, row: MiningWithdrawal) -> str:
        return row.reference

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: MiningWithdrawal) -> str:
        return cells.money(row.amount, row.coin)

    @admin.display(description=gettext_lazy("status"))
    def status_shown(self, row: MiningWithdrawal) -> str:
        return badge(row)

    @admin.display(description=gettext_lazy("begun"))
    def made(self, row: MiningWithdrawal) -> str:
        return cells.moment(row.created_at)

    @admin.display(description=gettext_lazy("settled"))
    def settled(self, row: MiningWithdrawal) -> str:
        return cells.moment(row.settled_at)

    amount_shown.is_number = True  # type: ignore[attr-defined]
