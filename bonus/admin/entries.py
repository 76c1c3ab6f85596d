"""Who gets what of which order, and why somebody was paid or wasn't."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from bonus.admin.areas import BONUS
from bonus.models import Allocation, BonusType, Entry, EntryState, Rule
from bonus.queries.why import Explanation, explanation
from bonus.rights import VIEW_BONUS
from organization.admin.names import member_link, member_number
from organization.models import Member
from organization.queries.found_members import found_members

TONES: Final = {
    EntryState.CONFIRMED: "ok",
    EntryState.PENDING: "info",
    EntryState.CANCELLED: "",
    EntryState.RETRYING: "warn",
    EntryState.FAILED: "bad",
}


def row_link(model: str, key: int | None, text: str) -> str:
    if key is None:
        return cells.NOTHING
    return format_html('<a href="{}">{}</a>', reverse(f"admin:bonus_{model}_change", args=[key]), text)


def lines_of(found: Explanation | None) -> str:
    """Every line of an order: what went to whom, and what went to nobody and why."""
    lines = [
        {
            "type": BonusType(line.type).label if line.type else _("not in the plan"),
            "level": line.level or "",
            "percentage": cells.money(line.percentage, "%") if line.percentage is not None else cells.NOTHING,
            "part": cells.money(line.part, "PV"),
            "member": member_link(line.member),
            "rank": line.rank,
            "amount": cells.money(line.amount, "POINT"),
            "why": line.sentence,
        }
        for line in (found.lines if found else ())
    ]
    return render_to_string("admin/bonus/lines.html", {"lines": lines})


@admin.register(Entry)
class EntryScreen(Screen[Entry]):
    area = BONUS
    place = 20
    may_view = VIEW_BONUS
    empty_title = gettext_lazy("No bonuses yet")
    empty_text = gettext_lazy("The bonuses of an order stand here the moment it is paid.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        *(Tab(state.value, state.label, Q(status=state), is_counted=False) for state in EntryState),
    )
    filters = ("type",)
    search_fields = ("order__source_id",)
    search_help_text = gettext_lazy("Order number, or the beneficiary's number, code or name")
    list_display = ("named", "state", "beneficiary_shown", "kind", "level_shown", "points", "of_order", "created")
    ordering = ("-id",)
    sortable_by = ()
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("Order number"): lambda row: row.order.source_id if row.order else "",
        gettext_lazy("Beneficiary"): lambda row: member_number(row.beneficiary),
        gettext_lazy("Type"): lambda row: row.get_type_display(),
        gettext_lazy("Level"): lambda row: row.level,
        gettext_lazy("PV"): lambda row: row.pv,
        gettext_lazy("Percent"): lambda row: row.percentage,
        gettext_lazy("Amount (POINT)"): lambda row: row.amount,
        gettext_lazy("Rank then"): lambda row: row.rank,
        gettext_lazy("Status"): lambda row: row.get_status_display(),
        gettext_lazy("Closing"): lambda row: row.closing_id,
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("order__buyer", "beneficiary__user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        if "\0" in search_term:
            return queryset.none(), False
        if not search_term.strip():
            return queryset, False
        members = found_members(Member.objects.all(), search_term, in_full=viewer.sees_personal_data())
        return queryset.filter(Q(order__source_id=search_term.strip()) | Q(beneficiary__in=members.values("pk"))), False

    def title_of(self, row: Entry) -> str:
        return _("Bonus %(number)s") % {"number": row.pk}

    def badge_of(self, row: Entry) -> str:
        return self.state(row)

    def sections(self, row: Entry) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Beneficiary"), member_link(row.beneficiary)),
            (_("Type"), self.kind(row)),
            (_("Level"), self.level_shown(row)),
            (_("Amount"), self.points(row)),
            (_("PV"), cells.money(row.pv, "PV")),
            (_("Percent"), cells.money(row.percentage, "%")),
            (_("Rank then"), row.rank),
            (_("Order"), self.of_order(row)),
            (_("Closing"), row_link("closing", row.closing_id, f"#{row.closing_id}")),
            (_("Rules"), row_link("rule", row.rule_id, f"#{row.rule_id}")),
        ]
        if row.order is None:
            return (Section(_("Bonus"), facts),)
        return (
            Section(_("Bonus"), facts),
            Section(
                _("Why was I paid, or not?"),
                html=lines_of(explanation(order=row.order)),
                note=_("Every share of this order: to whom it went, or why it went to nobody."),
            ),
        )

    @admin.display(description=gettext_lazy("number"))
    def named(self, row: Entry) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Entry) -> str:
        return cells.badge(row.get_status_display(), TONES[EntryState(row.status)])

    @admin.display(description=gettext_lazy("beneficiary"))
    def beneficiary_shown(self, row: Entry) -> str:
        return member_link(row.beneficiary)

    @admin.display(description=gettext_lazy("type"))
    def kind(self, row: Entry) -> str:
        return row.get_type_display()

    @admin.display(description=gettext_lazy("level"))
    def level_shown(self, row: Entry) -> str:
        return str(row.level) if row.level else cells.NOTHING

    @admin.display(description=gettext_lazy("amount"))
    def points(self, row: Entry) -> str:
        return cells.money(row.amount, "POINT")

    points.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("order"))
    def of_order(self, row: Entry) -> str:
        return row_link("allocation", row.order_id, row.order.source_id) if row.order else cells.NOTHING

    @admin.display(description=gettext_lazy("created"))
    def created(self, row: Entry) -> str:
        return cells.moment(row.created_at)


@admin.register(Allocation)
class AllocationScreen(Screen[Allocation]):
    area = BONUS
    place = 30
    may_view = VIEW_BONUS
    lead = gettext_lazy("How each order was shared out, to the last unit.")
    empty_title = gettext_lazy("No orders shared out yet")
    empty_text = gettext_lazy("A paid order stands here with all its shares.")
    search_fields = ("order__source_id",)
    search_help_text = gettext_lazy("Order number")
    list_display = ("named", "buyer_shown", "pv_shown", "by_rules", "paid")
    ordering = ("-order_id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Allocation]:
        return super().get_queryset(request).select_related("order__buyer", "buyer__user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Allocation], search_term: str
    ) -> tuple[QuerySet[Allocation], bool]:
        term = search_term.strip()
        if "\0" in term:
            return queryset.none(), False
        return (queryset.filter(order__source_id=term) if term else queryset), False

    def title_of(self, row: Allocation) -> str:
        return _("Order %(number)s") % {"number": row.order.source_id}

    def sections(self, row: Allocation) -> Sequence[Section]:
        facts = [
            (_("Buyer"), member_link(row.buyer)),
            (_("PV"), self.pv_shown(row)),
            (_("Rules"), self.by_rules(row)),
            (_("Paid"), self.paid(row)),
        ]
        return (Section(_("Order"), facts), Section(_("Shares"), html=lines_of(explanation(order=row.order))))

    @admin.display(description=gettext_lazy("order number"))
    def named(self, row: Allocation) -> str:
        return row.order.source_id

    @admin.display(description=gettext_lazy("buyer"))
    def buyer_shown(self, row: Allocation) -> str:
        return member_link(row.buyer)

    @admin.display(description=gettext_lazy("PV"))
    def pv_shown(self, row: Allocation) -> str:
        return cells.money(row.pv, "PV")

    pv_shown.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("rules"))
    def by_rules(self, row: Allocation) -> str:
        return row_link(Rule._meta.model_name or "", row.rule_id, f"#{row.rule_id}")

    @admin.display(description=gettext_lazy("paid"))
    def paid(self, row: Allocation) -> str:
        return cells.moment(row.paid_at)
