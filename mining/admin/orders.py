"""Charges of credit and swaps of power: proposed, followed, and settled by two people where nobody can tell."""

from collections.abc import Sequence
from typing import Any

from django import forms
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
from mining.admin.payouts import badge
from mining.models import UNSETTLED, HashBalance, OrderKind, PoolOrder, Status
from mining.operations.order_power import ACTS, content_of, reconcile_order
from mining.operations.resolve_order import NotInReview, check_in_review, propose_as_done, propose_as_not_done

CHARGE_MINING = permission("charge_mining")


class OrderForm(StaffForm):
    amount = MoneyField().formfield(label=gettext_lazy("Amount"))
    reason = reason_field()


class DoneForm(StaffForm):
    remote_id = forms.CharField(label=gettext_lazy("Id at the pool"), max_length=128)
    reason = reason_field()


class ReasonForm(StaffForm):
    reason = reason_field()


def reconcile(row: PoolOrder, by: User, _given: Given) -> object:
    with acting_as(person(by)):
        return reconcile_order(order=row)


def as_done(row: PoolOrder, by: User, given: Given) -> object:
    return propose_as_done(order_id=row.pk, remote_id=given["remote_id"], reason=given["reason"], by=by)


def as_not_done(row: PoolOrder, by: User, given: Given) -> object:
    return propose_as_not_done(order_id=row.pk, reason=given["reason"], by=by)


def shown(row: PoolOrder) -> dict[Any, Any]:
    return {
        _("Kind"): row.get_kind_display(),
        _("Amount"): cells.money(row.amount),
        _("Status"): badge(row),
        _("Reason"): cells.text(row.reason),
        _("Called"): cells.moment(row.called_at),
    }


def in_review(row: PoolOrder, _user: User) -> bool:
    return row.status == Status.MANUAL_REVIEW


def not_in_review(row: PoolOrder) -> Refusal | None:
    try:
        check_in_review(row)
    except NotInReview as refusal:
        return refusal
    return None


RECONCILE = RowAct[PoolOrder](
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
AS_DONE = RowAct[PoolOrder](
    name="done",
    label=gettext_lazy("Settle as carried out"),
    explains=gettext_lazy("With its id at the pool, whose row must fit. Another person must agree."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=as_done,
    right=rights.RESOLVE_WITHDRAWALS,
    form=DoneForm,
    describes=shown,
    refuses=not_in_review,
    offered=in_review,
    for_many=False,
    tone="primary",
)
AS_NOT_DONE = RowAct[PoolOrder](
    name="not-done",
    label=gettext_lazy("Settle as not carried out"),
    explains=gettext_lazy(
        "On your word and another person's: ask the pool first. The same may then be charged or swapped once more."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=as_not_done,
    right=rights.RESOLVE_WITHDRAWALS,
    form=ReasonForm,
    describes=shown,
    refuses=not_in_review,
    offered=in_review,
    for_many=False,
    tone="danger",
)


@admin.register(PoolOrder)
class OrderScreen(Screen[PoolOrder]):
    area = MINING
    place = 60
    may_view = VIEW_MINING
    lead = gettext_lazy("Credit bought at the pool, and turned into power. Each takes two people.")
    empty_title = gettext_lazy("Nothing has been charged or swapped from here yet")
    empty_text = gettext_lazy("What two people agree on is carried out once, and followed to its end.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("review", gettext_lazy("Manual review"), Q(status=Status.MANUAL_REVIEW)),
    )
    row_acts = (RECONCILE, AS_DONE, AS_NOT_DONE)
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

    def waiting(self) -> QuerySet[PoolOrder]:
        return PoolOrder.objects.filter(status=Status.MANUAL_REVIEW)

    def badge_of(self, row: PoolOrder) -> str:
        return badge(row)

    def sections(self, row: PoolOrder) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            *shown(row).items(),
            (_("Id at the pool"), cells.text(row.remote_id)),
            (_("History read"), cells.moment(row.marked_at)),
            (_("Call over at"), cells.moment(row.deadline)),
            (_("Settled"), cells.moment(row.settled_at)),
        ]
        title = _("Evidence")
        html = render_to_string("admin/kit/data.html", {"value": row.evidence or None, "label": title})
        return Section(_("Order"), facts), Section(title, html=html)

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
