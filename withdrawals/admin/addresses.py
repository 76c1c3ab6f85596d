"""The members' address books."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.models import User
from withdrawals.admin.areas import WITHDRAWALS
from withdrawals.admin.asset_filter import AssetFilter
from withdrawals.admin.columns import member_name
from withdrawals.admin.texts import address_in_groups, plainly, short_address
from withdrawals.models import PayoutAddress
from withdrawals.operations.strike_payout_address import strike_payout_address
from withdrawals.queries.desk import members_found
from withdrawals.rights import FILE, VIEW


class RemovalForm(StaffForm):
    reason = reason_field()


def remove(address: PayoutAddress, by: User, given: Given) -> object:
    return strike_payout_address(address_id=address.pk, by=by, reason=given["reason"])


def shown(row: PayoutAddress) -> dict[Any, Any]:
    return {
        _("Member"): member_name(row.user),
        _("Asset"): row.asset_id,
        _("Address"): address_in_groups(row.address),
        _("Label"): plainly(row.label),
        _("Usable from"): cells.moment(row.usable_from),
    }


REMOVE = RowAct[PayoutAddress](
    name="remove",
    label=gettext_lazy("Remove from the book"),
    explains=gettext_lazy(
        "Nothing more is asked for to it. What is approved already, and not yet on its way, isn't paid to it."
    ),
    done=gettext_lazy("Removed."),
    carry_out=remove,
    right=FILE,
    form=RemovalForm,
    describes=shown,
    offered=lambda row, _user: row.deleted_at is None,
    for_many=False,
    tone="danger",
)


@admin.register(PayoutAddress)
class AddressScreen(Screen[PayoutAddress]):
    area = WITHDRAWALS
    place = 20
    may_view = VIEW
    lead = gettext_lazy("Where members may have something paid to. A new one is usable only after its cooling time.")
    empty_title = gettext_lazy("No payout addresses yet")
    empty_text = gettext_lazy("Members add their addresses in the mall; each is listed here.")
    tabs = (
        Tab("kept", gettext_lazy("In the books"), Q(deleted_at__isnull=True), is_counted=False),
        Tab("removed", gettext_lazy("Removed"), Q(deleted_at__isnull=False), is_counted=False),
    )
    filters = (AssetFilter,)
    row_acts = (REMOVE,)
    search_fields = ("address",)  # which shows the box; what it finds is said below
    search_help_text = gettext_lazy("Whole address, or member")
    change_list_template = "admin/withdrawals/plain_list.html"
    detail_template = "admin/withdrawals/plain_detail.html"
    list_display = ("address_shown", "whom", "for_asset", "label_shown", "state", "from_when")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutAddress]:
        """Also those that were removed: requests were judged by them."""
        return PayoutAddress.with_deleted.select_related("user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PayoutAddress], search_term: str
    ) -> tuple[QuerySet[PayoutAddress], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        members = members_found(term, in_full=viewer.sees_personal_data())
        return queryset.filter(Q(address=term) | Q(user__in=members)), False

    def title_of(self, row: PayoutAddress) -> str:
        return _("Payout address #%(number)s") % {"number": row.pk}

    def badge_of(self, row: PayoutAddress) -> str:
        return self.state(row)

    def sections(self, row: PayoutAddress) -> Sequence[Section]:
        facts = [*shown(row).items(), (_("Created"), cells.moment(row.created_at))]
        return (Section(_("Payout address"), facts),)

    @admin.display(description=gettext_lazy("address"))
    def address_shown(self, row: PayoutAddress) -> str:
        return short_address(row.address)

    @admin.display(description=gettext_lazy("member"))
    def whom(self, row: PayoutAddress) -> str:
        return member_name(row.user)

    @admin.display(description=gettext_lazy("asset"))
    def for_asset(self, row: PayoutAddress) -> str:
        return str(row.asset_id)

    @admin.display(description=gettext_lazy("label"))
    def label_shown(self, row: PayoutAddress) -> str:
        return plainly(row.label, 40)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: PayoutAddress) -> str:
        if row.deleted_at is not None:
            return cells.badge(_("removed"))
        return cells.badge(_("usable"), "ok") if row.usable_from <= clock.now() else cells.badge(_("not yet"), "warn")

    @admin.display(description=gettext_lazy("usable from"))
    def from_when(self, row: PayoutAddress) -> str:
        return cells.moment(row.usable_from)
