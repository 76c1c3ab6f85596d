"""What we ask the pool to move: coins out of it, credit into it, credit into power."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.actors import acting_as, person
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.page import page
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.money import MoneyField
from aeghash.core.operations.propose import propose
from aeghash.core.rights import permission
from mining.admin.areas import MINING, VIEW_MINING
from mining.models import (
    UNSETTLED,
    HashBalance,
    MiningWithdrawal,
    OrderKind,
    PoolOrder,
    Status,
)
from mining.operations.order_power import ACTS, content_of
from mining.operations.reconcile_payouts import reconcile_payout

CHARGE_MINING = permission("charge_mining")
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


class OrderForm(StaffForm):
    amount = MoneyField().formfield(label=gettext_lazy("Amount"))
    reason = reason_field()


@admin.register(PoolOrder)
class OrderScreen(Screen[PoolOrder]):
    area = MINING
    place = 60
    may_view = VIEW_MINING
    lead = gettext_lazy("Credit bought at the pool, and turned into power. Each takes two people.")
    empty_title = gettext_lazy("Nothing has been charged or swapped from here yet")
    empty_text = gettext_lazy("What two people agree on is carried out once, and followed to its end.")
    filters = ("kind", "status")
    list_display = ("named", "kind_shown", "amount_shown", "status_shown", "reason", "made")
    change_list_template = "admin/mining_orders.html"
    ordering = ("-id",)
    sortable_by = ()

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().list_context(request) | {"may_add": request.user.has_perm(CHARGE_MINING)}

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("new/<slug:kind>/", private(self.new_order), name=f"{self.name}_new")]

    def new_order(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(CHARGE_MINING)):
            raise PermissionDenied
        if kind not in OrderKind.values:
            raise Http404
        form = OrderForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and (proposal := proposed(request, OrderKind(kind), form)):
            messages.success(request, _("Proposed. Another person must agree."))
            return HttpResponseRedirect(reverse("admin:core_proposal_change", args=[proposal.pk]))
        crumbs = [(self.label(), self.list_url())]
        title = str(ACTS[OrderKind(kind)].label)
        return page(request, "admin/form.html", title, form=form, button=_("Propose"), lead=standing(), crumbs=crumbs)

    def badge_of(self, row: PoolOrder) -> str:
        return badge(row)

    def sections(self, row: PoolOrder) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Kind"), row.get_kind_display()),
            (_("Amount"), cells.money(row.amount)),
            (_("Reason"), cells.text(row.reason)),
            (_("Id at the pool"), cells.text(row.remote_id)),
            (_("Called"), cells.moment(row.called_at)),
            (_("Settled"), cells.moment(row.settled_at)),
        ]
        return (Section(_("Order"), facts),)

    @admin.display(description=gettext_lazy("order"))
    def named(self, row: PoolOrder) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("kind"))
    def kind_shown(self, row: PoolOrder) -> str:
        return row.get_kind_display()

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: PoolOrder) -> str:
        return cells.money(row.amount)

    @admin.display(description=gettext_lazy("status"))
    def status_shown(self, row: PoolOrder) -> str:
        return badge(row)

    @admin.display(description=gettext_lazy("begun"))
    def made(self, row: PoolOrder) -> str:
        return cells.moment(row.created_at)

    amount_shown.is_number = True  # type: ignore[attr-defined]


def proposed(request: HttpRequest, kind: OrderKind, form: OrderForm) -> Any:
    assert isinstance(request.user, User)
    try:
        content = content_of(kind, form.cleaned_data["amount"])
        return propose(act=ACTS[kind], content=content, by=request.user, reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        form.add_error("amount", str(refusal))
        return None


def standing() -> str:
    balance = HashBalance.objects.order_by("-day").first()
    if balance is None:
        return ""
    figures = {"credit": cells.grouped(balance.credit), "power": cells.grouped(balance.power)}
    return _("The pool shows %(credit)s of credit and %(power)s MH/s.") % figures
