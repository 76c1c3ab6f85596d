"""Members' hash power: given, taken, explained."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.page import page
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import User
from aeghash.core.money import MoneyField
from aeghash.core.rights import permission
from mining.admin.areas import MINING, VIEW_MINING, table
from mining.models import Direction, Grant
from mining.operations.credit_hash_power import STAFF, credit_hash_power
from mining.queries.power import explanation, hash_power, signed

MANAGE_GRANTS = permission("manage_grants")


class GrantForm(StaffForm):
    uid = forms.CharField(label=gettext_lazy("Member number"), max_length=255)
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=Direction.choices)
    hash = MoneyField().formfield(label=gettext_lazy("Hash power (MH/s)"))
    starts_on = forms.DateField(
        label=gettext_lazy("Starts (UTC; empty: today)"), required=False, widget=forms.DateInput({"type": "date"})
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Ends before (empty: never)"), required=False, widget=forms.DateInput({"type": "date"})
    )
    reason = reason_field()


@admin.register(Grant)
class GrantScreen(Screen[Grant]):
    area = MINING
    place = 30
    may_view = VIEW_MINING
    lead = gettext_lazy("A member's power on a day is the sum of the grants alive on it.")
    empty_title = gettext_lazy("No hash power has been given yet")
    empty_text = gettext_lazy("Partners credit what their members buy; staff can do it here.")
    filters = ("direction", "source")
    search_fields = ("=user__uid", "=event_id")
    search_help_text = gettext_lazy("Member number or event id")
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("Member"): lambda row: row.user.uid,
        gettext_lazy("Direction"): lambda row: row.get_direction_display(),
        gettext_lazy("Hash power (MH/s)"): lambda row: row.hash,
        gettext_lazy("Starts"): lambda row: row.starts_on,
        gettext_lazy("Ends"): lambda row: row.ends_on,
        gettext_lazy("Source"): lambda row: row.source,
    }
    list_display = ("number", "member", "power_shown", "starts_on", "ends_on", "source")
    list_select_related = ("user",)
    change_list_template = "admin/mining_grants.html"
    ordering = ("-id",)
    sortable_by = ()

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().list_context(request) | {"may_add": request.user.has_perm(MANAGE_GRANTS)}

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("new/", private(self.new_grant), name=f"{self.name}_new")]

    def new_grant(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(MANAGE_GRANTS)):
            raise PermissionDenied
        form = GrantForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and (grant := made(form)) is not None:
            messages.success(request, _("Recorded."))
            return HttpResponseRedirect(self.row_url(grant))
        lead = _("Days whose income has been given out stay as they are.")
        crumbs = [(self.label(), self.list_url())]
        return page(
            request, "admin/form.html", _("Credit or debit"), form=form, button=_("Record"), lead=lead, crumbs=crumbs
        )

    def sections(self, row: Grant) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Member"), self.member(row)),
            (_("Hash power (MH/s)"), self.power_shown(row)),
            (_("Starts"), row.starts_on),
            (_("Ends (not included)"), cells.text(row.ends_on)),
            (_("Source"), row.source),
            (_("Event id"), cells.text(row.event_id)),
            (_("App"), cells.text(row.app)),
            (_("Reason"), cells.text(row.reason)),
            (_("Created"), cells.moment(row.created_at)),
        ]
        today = clock.today()
        lines = [
            [f"#{grant.pk}", grant.starts_on, grant.ends_on or "–", signed(grant)]
            for grant in explanation(row.user_id, today)
        ]
        title = _("Power today: %(power)s MH/s") % {"power": cells.grouped(hash_power(row.user_id, today))}
        html = table([_("Grant"), _("Starts"), _("Ends"), _("MH/s")], lines)
        return Section(_("Grant"), facts), Section(title, html=html)

    @admin.display(description=gettext_lazy("grant"))
    def number(self, row: Grant) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("member"))
    def member(self, row: Grant) -> str:
        return row.user.uid or cells.email(row.user.email)

    @admin.display(description=gettext_lazy("hash power (MH/s)"))
    def power_shown(self, row: Grant) -> str:
        return cells.money(signed(row))

    power_shown.is_number = True  # type: ignore[attr-defined]


def made(form: GrantForm) -> Grant | None:
    given = {**form.cleaned_data}
    user = User.objects.filter(uid=given.pop("uid")).first()
    try:
        if user is None:
            raise NotFound
        given["direction"] = Direction(given["direction"])
        return credit_hash_power(user=user, source=STAFF, **given)
    except Refusal as refusal:
        form.add_error(None if user else "uid", str(refusal))
        return None
