"""Blocked and trusted addresses."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.page import page
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import User
from risk.admin.area import RISK, member
from risk.models import ListEntry, ListKind, Target
from risk.operations.add_list_entry import add_list_entry
from risk.operations.remove_list_entry import remove_list_entry
from risk.rights import EDIT_RISK_LISTS, VIEW_RISK

TONES = {ListKind.BLOCKED: "bad", ListKind.TRUSTED: "ok"}
PLAIN_TEXT = {"spellcheck": "false", "autocapitalize": "off"}


class NewEntryForm(StaffForm):
    kind = forms.ChoiceField(label=gettext_lazy("List"), choices=ListKind.choices)
    target = forms.ChoiceField(label=gettext_lazy("What it is"), choices=Target.choices)
    value = forms.CharField(
        label=gettext_lazy("Address"), max_length=128, widget=forms.TextInput(PLAIN_TEXT),
        help_text=gettext_lazy("An IP address, a CIDR such as 203.0.113.0/24, or a payout address."),
    )  # fmt: skip
    uid = forms.CharField(
        label=gettext_lazy("Only for the member"), max_length=255, required=False, widget=forms.TextInput(PLAIN_TEXT),
        help_text=gettext_lazy("The member's number; empty: for everybody."),
    )  # fmt: skip
    valid_until = forms.DateTimeField(
        label=gettext_lazy("In effect until"), required=False,
        help_text=gettext_lazy("For example 2026-12-31 18:00, Seoul time; empty: without an end."),
    )  # fmt: skip
    note = reason_field()


class RemovalForm(StaffForm):
    reason = reason_field()


def remove(entry: ListEntry, by: User, given: Given) -> object:
    return remove_list_entry(entry_id=entry.pk, by=by, reason=given["reason"])


def shown(entry: ListEntry) -> dict[Any, Any]:
    return {
        _("List"): kind_badge(entry),
        _("Address"): cells.address(entry.value),
        _("In effect until"): cells.moment(entry.valid_until),
    }


def kind_badge(entry: ListEntry) -> str:
    return cells.badge(entry.get_kind_display(), TONES.get(ListKind(entry.kind), ""))


REMOVE = RowAct[ListEntry](
    name="remove",
    label=gettext_lazy("Remove from the list"),
    explains=gettext_lazy(
        "Trust ends at once. A block goes on for the policy's delay, so that nobody lifts it in a hurry."
    ),
    done=gettext_lazy("Removed."),
    carry_out=remove,
    right=EDIT_RISK_LISTS,
    form=RemovalForm,
    describes=shown,
    offered=lambda entry, _user: entry.deleted_at is None,
    tone="danger",
)


@admin.register(ListEntry)
class ListScreen(Screen[ListEntry]):
    area = RISK
    place = 20
    may_view = VIEW_RISK
    lead = gettext_lazy("What is blocked is blocked at once; what is trusted is trusted only after the policy's delay.")
    empty_title = gettext_lazy("The lists are empty")
    empty_text = gettext_lazy("Put an IP address, a network or a payout address on the blocked or the trusted list.")
    tabs = (
        Tab("kept", gettext_lazy("On the lists"), Q(deleted_at__isnull=True), is_counted=False),
        Tab("removed", gettext_lazy("Removed"), Q(deleted_at__isnull=False), is_counted=False),
    )
    row_acts = (REMOVE,)
    search_fields = ("address__iexact", "user__uid__startswith", "note__icontains")
    search_help_text = gettext_lazy("Payout address, member number or note")
    list_display = ("address_shown", "kind_shown", "for_whom", "note", "from_when", "until_when", "state")
    list_select_related = ("user",)
    change_list_template = "risk/lists.html"
    ordering = ("-id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListEntry]:
        """Also those that were removed; decisions name them."""
        return ListEntry.with_deleted.select_related("user", "created_by", "deleted_by")

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().list_context(request), "may_add": request.user.has_perm(EDIT_RISK_LISTS)}

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("new/", private(self.new_entry), name=f"{self.name}_new")]

    def new_entry(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(EDIT_RISK_LISTS):
            raise PermissionDenied
        form = NewEntryForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and (entry := added(form, request.user)) is not None:
            messages.success(request, _("Put on the list."))
            return HttpResponseRedirect(self.row_url(entry))
        return page(request, "admin/form.html", _("New entry"), form=form, button=_("Put on the list"), lead=self.lead,
                    crumbs=[(self.label(), self.list_url())])  # fmt: skip

    def title_of(self, row: ListEntry) -> str:
        return _("List entry #%(number)s") % {"number": row.pk}

    def badge_of(self, row: ListEntry) -> str:
        return self.state(row)

    def sections(self, row: ListEntry) -> Sequence[Section]:
        facts = [
            (_("List"), kind_badge(row)),
            (_("What it is"), row.get_target_display()),
            (_("Address"), cells.address(row.value)),
            (_("Only for the member"), member(row.user)),
            (_("Note"), row.note),
            (_("In effect from"), cells.moment(row.valid_from)),
            (_("In effect until"), cells.moment(row.valid_until)),
            (_("Created by"), cells.person(row.created_by)),
            (_("Removed by"), cells.person(row.deleted_by)),
        ]
        return (Section(_("List entry"), facts),)

    @admin.display(description=gettext_lazy("address"))
    def address_shown(self, row: ListEntry) -> str:
        return cells.address(row.value)

    @admin.display(description=gettext_lazy("list"))
    def kind_shown(self, row: ListEntry) -> str:
        return kind_badge(row)

    @admin.display(description=gettext_lazy("for whom"))
    def for_whom(self, row: ListEntry) -> str:
        return _("everybody") if row.user is None else member(row.user)

    @admin.display(description=gettext_lazy("in effect from"))
    def from_when(self, row: ListEntry) -> str:
        return cells.moment(row.valid_from)

    @admin.display(description=gettext_lazy("in effect until"))
    def until_when(self, row: ListEntry) -> str:
        return cells.moment(row.valid_until)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: ListEntry) -> str:
        now = clock.now()
        if row.is_in_effect(now):
            return cells.badge(_("in effect"), TONES.get(ListKind(row.kind), ""))
        return cells.badge(_("not yet in effect"), "warn") if now < row.valid_from else cells.badge(_("over"))


def added(form: NewEntryForm, by: Any) -> ListEntry | None:
    given = dict(form.cleaned_data)
    kind, target = ListKind(given.pop("kind")), Target(given.pop("target"))
    try:
        return add_list_entry(kind=kind, target=target, by=by, **given)
    except Invalid as refusal:
        field = str(refusal.parameters["field"])
        form.add_error(field if field in form.fields else None, str(refusal.parameters["reason"]))
    except Refusal as refusal:
        form.add_error("value", str(refusal))
    return None
