"""Paid orders, with their refunds. Nothing is written here: orders come from partners."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from organization.admin.areas import ORGANIZATION
from organization.admin.center_filter import CenterFilter
from organization.admin.names import member_link, member_number
from organization.models import Member, Order, Refund
from organization.queries.found_members import found_members
from organization.rights import VIEW_ORGANIZATION


@admin.register(Order)
class OrderScreen(Screen[Order]):
    area = ORGANIZATION
    place = 30
    may_view = VIEW_ORGANIZATION
    empty_title = gettext_lazy("No orders yet")
    empty_text = gettext_lazy(
        "Paid orders come from the mall and are listed here, each with its refund if there is one."
    )
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("kept", gettext_lazy("Kept"), Q(refund=None), is_counted=False),
        Tab("refunded", gettext_lazy("Refunded"), Q(refund__isnull=False), is_counted=False),
    )
    filters = ("channel", CenterFilter, by_moment("paid_at"))
    search_fields = ("source_id",)
    search_help_text = gettext_lazy("Order number, or the buyer's number, code or name")
    list_display = ("order_number", "buyer_shown", "paid", "pv", "channel_shown", "center_shown", "paid_time", "state")
    ordering = ("-pk",)
    sortable_by = ()
    export = {
        gettext_lazy("Source"): lambda row: row.source,
        gettext_lazy("Order number"): lambda row: row.source_id,
        gettext_lazy("Buyer"): lambda row: member_number(row.buyer),
        gettext_lazy("Paid (USD)"): lambda row: row.total_amount,
        gettext_lazy("PV"): lambda row: row.pv_amount,
        gettext_lazy("Channel"): lambda row: row.get_channel_display(),
        gettext_lazy("Paid"): lambda row: row.paid_at,
        gettext_lazy("Refunded"): lambda row: refund.refunded_at if (refund := refund_of(row)) else None,
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("buyer__user", "center__user", "refund")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        if "\0" in search_term:
            return queryset.none(), False
        if not search_term.strip():
            return queryset, False
        buyers = found_members(Member.objects.all(), search_term, in_full=viewer.sees_personal_data())
        return queryset.filter(Q(source_id=search_term.strip()) | Q(buyer__in=buyers.values("pk"))), False

    def title_of(self, row: Order) -> str:
        return _("Order %(number)s") % {"number": row.source_id}

    def badge_of(self, row: Order) -> str:
        return self.state(row)

    def sections(self, row: Order) -> Sequence[Section]:
        facts = [
            (_("Source"), row.source),
            (_("Order number"), row.source_id),
            (_("Buyer"), member_link(row.buyer)),
            (_("Paid"), self.paid(row)),
            (_("PV"), self.pv(row)),
            (_("Channel"), row.get_channel_display()),
            (_("Center"), member_link(row.center)),
            (_("Paid at"), cells.moment(row.paid_at)),
            (_("Received"), cells.moment(row.created_at)),
        ]
        metadata = render_to_string("admin/kit/data.html", {"value": row.metadata, "label": _("Metadata")})
        sections = [Section(_("Order"), facts)]
        if (refund := refund_of(row)) is not None:
            given = [(_("Refunded"), cells.moment(refund.refunded_at)), (_("Reason"), cells.text(refund.reason))]
            sections.append(Section(_("Refund"), given, note=_("It is taken back from the volumes of its own day.")))
        return (*sections, Section(_("Metadata"), html=metadata)) if row.metadata else sections

    @admin.display(description=gettext_lazy("order number"))
    def order_number(self, row: Order) -> str:
        return row.source_id

    @admin.display(description=gettext_lazy("buyer"))
    def buyer_shown(self, row: Order) -> str:
        return member_link(row.buyer)

    @admin.display(description=gettext_lazy("paid (USD)"))
    def paid(self, row: Order) -> str:
        return cells.money(row.total_amount, "USD")

    @admin.display(description=gettext_lazy("PV"))
    def pv(self, row: Order) -> str:
        return cells.money(row.pv_amount, "PV")

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: Order) -> str:
        return row.get_channel_display()

    @admin.display(description=gettext_lazy("center"))
    def center_shown(self, row: Order) -> str:
        return member_link(row.center)

    @admin.display(description=gettext_lazy("paid"))
    def paid_time(self, row: Order) -> str:
        return cells.moment(row.paid_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Order) -> str:
        return cells.badge(_("Refunded"), "warn") if refund_of(row) else cells.badge(_("Kept"), "ok")

    paid.is_number = True  # type: ignore[attr-defined]
    pv.is_number = True  # type: ignore[attr-defined]


def refund_of(row: Order) -> Refund | None:
    return getattr(row, "refund", None)
