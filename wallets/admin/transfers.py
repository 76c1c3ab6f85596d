"""Every movement of money, and what caused it."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.counting import MOST_COUNTED
from aeghash.core.admin.kit.screens import Screen, Section
from wallets.admin.areas import MONEY, VIEW_BALANCES
from wallets.admin.cells import linked, plain_side, side
from wallets.models import Transfer, TransferKind
from wallets.queries.books import balances_of

# As many as the list leafs through and one more, in the order in which the references' index lies. Left to itself,
# PostgreSQL walks back from the newest transfer until a page of them begins so: through the whole table where they are old.
# As an array, whose elements the primary key is then asked for from the highest down; joined it would be that walk again.
BEGINS_SO: Final = "SELECT id FROM transfers WHERE reference LIKE %s ORDER BY reference USING ~<~ LIMIT %s"

TONES = {TransferKind.HOLD: "warn", TransferKind.SETTLE: "ok", TransferKind.RELEASE: "info"}


@admin.register(Transfer)
class TransferScreen(Screen[Transfer]):
    area = MONEY
    place = 20
    may_view = VIEW_BALANCES
    empty_title = gettext_lazy("No transfers yet")
    empty_text = gettext_lazy("Every movement of money is listed here, and can't be changed or removed.")
    filters = ("kind", "asset")
    search_fields = ("reference__startswith",)
    search_help_text = gettext_lazy("How a reference begins, or a member's whole number or e-mail")
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("When"): lambda row: row.at,
        gettext_lazy("Kind"): lambda row: row.get_kind_display(),
        gettext_lazy("Reference"): lambda row: row.reference,
        gettext_lazy("Asset"): lambda row: row.asset_id,
        gettext_lazy("Amount"): lambda row: row.amount,
        gettext_lazy("From"): lambda row: plain_side(row.source, row.source_system),
        gettext_lazy("To"): lambda row: plain_side(row.target, row.target_system),
    }
    list_display = ("named", "kind_badge", "moved", "out_of", "into", "when")
    list_select_related = ("source__user", "target__user")
    ordering = ("-id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        balances = balances_of(term)
        if balances:
            return queryset.filter(Q(source__in=balances) | Q(target__in=balances)), False
        if request.method == "POST":  # an export takes all of them
            return queryset.filter(reference__startswith=term), False
        pattern = f"{connection.ops.prep_for_like_query(term)}%"
        found = f"transfers.id = ANY(ARRAY({BEGINS_SO}))"
        values = (pattern, MOST_COUNTED + 1)
        return queryset.filter(RawSQL(found, values, output_field=BooleanField())), False  # noqa: S611 - our own words

    def badge_of(self, row: Transfer) -> str:
        return self.kind_badge(row)

    def sections(self, row: Transfer) -> Sequence[Section]:
        facts: list[tuple[str, Any]] = [
            (_("Amount"), cells.money(row.amount, str(row.asset_id))),
            (_("From"), self.out_of(row)),
            (_("To"), self.into(row)),
            (_("When"), cells.moment(row.at)),
            (_("Reference"), format_html("<code>{}</code>", row.reference)),
        ]
        if row.resolves is not None:
            facts.append((_("What was held"), linked(row.resolves, row.resolves.reference)))
        facts += [(each.get_kind_display(), linked(each, each.reference)) for each in row.resolutions.all()]
        if row.kind == TransferKind.HOLD and not row.resolutions.exists():
            facts.append((_("What became of it"), _("still held")))
        return (Section(_("Transfer"), facts),)

    @admin.display(description=gettext_lazy("reference"))
    def named(self, row: Transfer) -> str:
        return row.reference

    @admin.display(description=gettext_lazy("kind"))
    def kind_badge(self, row: Transfer) -> str:
        return cells.badge(row.get_kind_display(), TONES.get(TransferKind(row.kind), ""))

    @admin.display(description=gettext_lazy("amount"))
    def moved(self, row: Transfer) -> str:
        return cells.money(row.amount, str(row.asset_id))

    moved.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("from"))
    def out_of(self, row: Transfer) -> str:
        return side(row.source, row.source_system)

    @admin.display(description=gettext_lazy("to"))
    def into(self, row: Transfer) -> str:
        return side(row.target, row.target_system)

    @admin.display(description=gettext_lazy("when"))
    def when(self, row: Transfer) -> str:
        return cells.moment(row.at)
