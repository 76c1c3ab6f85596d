"""Partners' keys: how old, when last used, until when."""

from collections.abc import Sequence
from typing import Any

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
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from partners.admin.areas import PARTNERS
from partners.models import ROTATION, PartnerKey
from partners.operations.issue_key import show_secret
from partners.operations.revoke_key import revoke_key
from partners.rights import MANAGE_PARTNERS


class ReasonForm(StaffForm):
    reason = reason_field()


def revoke(row: PartnerKey, _by: User, given: Given) -> object:
    return revoke_key(key_id=row.key_id, reason=given["reason"])


REVOKE = RowAct[PartnerKey](
    name="revoke",
    label=gettext_lazy("Revoke at once…"),
    explains=gettext_lazy("Every call with this key is refused from now on."),
    done=gettext_lazy("Revoked."),
    carry_out=revoke,
    right=MANAGE_PARTNERS,
    form=ReasonForm,
    offered=lambda row, _user: row.revoked_at is None,
    tone="danger",
)


@admin.register(PartnerKey)
class KeyScreen(Screen[PartnerKey]):
    area = PARTNERS
    place = 20
    may_view = MANAGE_PARTNERS
    lead = gettext_lazy("A key is due for renewal after 60 days. For some days both the old and the new one work.")
    empty_title = gettext_lazy("No key has been issued yet")
    empty_text = gettext_lazy("A key is issued on a partner's page, by two people.")
    tabs = (
        Tab("live", gettext_lazy("Live"), Q(revoked_at=None), is_counted=False),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    filters = ("partner",)
    row_acts = (REVOKE,)
    search_fields = ("key_id__startswith", "partner__slug")
    list_display = ("key_id", "partner", "state", "age", "due", "used")
    list_select_related = ("partner",)
    detail_template = "admin/partner_key.html"
    ordering = ("-created_at",)
    sortable_by = ()

    def waiting(self) -> QuerySet[PartnerKey]:
        live = PartnerKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), revoked_at=None)
        return live.filter(created_at__lte=clock.now() - ROTATION)

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("<uuid:key>/secret/", private(self.secret_view), name=f"{self.name}_secret")]

    def secret_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        """A page that is shown once: by POST, so that no link and no reload shows it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.found(request, str(key))
        if request.method != "POST":
            return HttpResponseRedirect(self.row_url(row))
        try:
            secret = show_secret(key_id=row.key_id)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.row_url(row))
        crumbs = [(self.label(), self.list_url())]
        response = page(
            request, "admin/partner_secret.html", row.key_id, key=row, secret=secret.reveal(), crumbs=crumbs
        )
        response["Cache-Control"] = "no-store"
        return response

    def title_of(self, row: PartnerKey) -> str:
        return row.key_id

    def badge_of(self, row: PartnerKey) -> str:
        return self.state(row)

    def sections(self, row: PartnerKey) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Partner"), row.partner.slug),
            (_("Scopes"), ", ".join(row.scopes)),
            (_("Created"), cells.moment(row.created_at)),
            (_("Renewal due"), cells.moment(row.rotation_due_at)),
            (_("Works until"), cells.moment(row.expires_at)),
            (_("Last used"), cells.moment(row.last_used_at)),
            (_("Secret handed over"), cells.moment(row.shown_at)),
        ]
        return (Section(_("Key"), facts),)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: PartnerKey) -> str:
        if row.revoked_at is not None:
            return cells.badge(_("revoked"), "bad")
        if not row.is_live:
            return cells.badge(_("ended"))
        return cells.badge(_("live"), "ok")

    @admin.display(description=gettext_lazy("created"))
    def age(self, row: PartnerKey) -> str:
        return cells.moment(row.created_at)

    @admin.display(description=gettext_lazy("renewal due"))
    def due(self, row: PartnerKey) -> str:
        if row.is_live and row.rotation_due_at <= clock.now():
            return cells.badge(_("due"), "warn")
        return cells.moment(row.rotation_due_at)

    @admin.display(description=gettext_lazy("last used"))
    def used(self, row: PartnerKey) -> str:
        return cells.moment(row.last_used_at)
