"""What members have, how it came to be, and its correction by two people."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.models import User
from wallets.admin.adjusting import AdjustForm, adjust_member_page, propose_adjustment
from wallets.admin.areas import MONEY, VIEW_BALANCES
from wallets.admin.books import books_page
from wallets.admin.cells import linked, member, other_side
from wallets.models import Balance, Debt
from wallets.operations.adjust_balance import ADJUST_BALANCES
from wallets.queries.books import running_balance

LINES: Final = 100
MOST_MEMBERS: Final = 100


def propose_to_adjust(balance: Balance, by: User, given: Given) -> object:
    return propose_adjustment(
        uid=balance.user.uid or "", asset=str(balance.asset_id), amount=given["amount"], reason=given["reason"], by=by
    )


def shown(balance: Balance) -> dict[Any, Any]:
    unit = str(balance.asset_id)
    return {
        _("Member"): member(balance.user),
        _("Amount"): cells.money(balance.amount, unit),
        _("Locked"): cells.money(balance.locked_amount, unit),
        _("Available"): cells.money(balance.available_amount, unit),
    }


ADJUST = RowAct[Balance](
    name="adjust",
    label=gettext_lazy("Propose an adjustment"),
    explains=gettext_lazy("Nothing changes until another person has agreed."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_to_adjust,
    right=ADJUST_BALANCES,
    form=AdjustForm,
    describes=shown,
    offered=lambda balance, _user: balance.user.uid is not None,
    for_many=False,
)


@admin.register(Balance)
class BalanceScreen(Screen[Balance]):
    area = MONEY
    place = 10
    may_view = VIEW_BALANCES
    empty_title = gettext_lazy("No balances yet")
    empty_text = gettext_lazy("A member's balance appears with its first credit.")
    filters = ("asset",)
    search_fields = ("user__uid",)
    search_help_text = gettext_lazy("How a member number begins, a whole e-mail, or an asset")
    row_acts = (ADJUST,)
    change_list_template = "admin/balances.html"
    export = {
        gettext_lazy("Member"): lambda row: member(row.user),
        gettext_lazy("Asset"): lambda row: row.asset_id,
        gettext_lazy("Amount"): lambda row: row.amount,
        gettext_lazy("Locked"): lambda row: row.locked_amount,
        gettext_lazy("Available"): lambda row: row.available_amount,
    }
    list_display = ("owner", "held_asset", "total", "locked", "available", "changed")
    list_select_related = ("user",)
    ordering = ("-id",)
    sortable_by = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Balance], search_term: str
    ) -> tuple[QuerySet[Balance], bool]:
        """The members first: over both tables at once no index would help."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = User.objects.filter(Q(uid__startswith=term) | Q(email=term.lower()))
        members = list(found.values_list("pk", flat=True)[:MOST_MEMBERS])
        return queryset.filter(Q(user__in=members) | Q(asset=term.upper())), False

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().list_context(request) | {"may_adjust": request.user.has_perm(ADJUST_BALANCES)}

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [
            path("adjust/", private(self.adjust), name=f"{self.name}_adjust"),
            path("books/", private(self.books), name=f"{self.name}_books"),
        ]

    def adjust(self, request: HttpRequest) -> HttpResponse:
        """For a member and an asset: there may be no balance yet whose page could offer it."""
        if not (self.has_view_permission(request) and request.user.has_perm(ADJUST_BALANCES)):
            raise PermissionDenied
        return adjust_member_page(request, [(self.label(), self.list_url())])

    @method_decorator(require_safe)
    def books(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return books_page(request, [(self.label(), self.list_url())])

    def title_of(self, row: Balance) -> str:
        return f"{member(row.user)} · {row.asset_id}"

    def sections(self, row: Balance) -> Sequence[Section]:
        unit = str(row.asset_id)
        owed = Debt.objects.filter(user=row.user_id, asset=unit, amount__gt=0).first()
        facts = list(shown(row).items())
        if owed is not None:
            facts.append((_("Owed by the member"), cells.money(owed.amount, unit)))
        return (Section(_("Balance"), facts), Section(_("Transfers"), html=self.lines(row), note=self.note()))

    def note(self) -> str:
        return _("The newest %(count)s, each with what the balance was after it.") % {"count": LINES}

    def lines(self, row: Balance) -> str:
        unit = str(row.asset_id)
        lines = [
            {
                "when": cells.moment(line.transfer.at),
                "reference": linked(line.transfer, line.transfer.reference),
                "kind": line.transfer.get_kind_display(),
                "other": other_side(line.transfer, row),
                "change": cells.money(line.change, unit) if line.change else cells.NOTHING,
                "amount": cells.money(line.amount, unit),
                "locked": cells.money(line.locked_amount, unit),
            }
            for line in running_balance(row, most=LINES)
        ]
        return render_to_string("admin/wallets/running_balance.html", {"lines": lines})

    @admin.display(description=gettext_lazy("member"))
    def owner(self, row: Balance) -> str:
        return member(row.user)

    @admin.display(description=gettext_lazy("asset"))
    def held_asset(self, row: Balance) -> str:
        return str(row.asset_id)

    @admin.display(description=gettext_lazy("amount"))
    def total(self, row: Balance) -> str:
        return cells.money(row.amount, str(row.asset_id))

    @admin.display(description=gettext_lazy("locked"))
    def locked(self, row: Balance) -> str:
        return cells.money(row.locked_amount, str(row.asset_id))

    @admin.display(description=gettext_lazy("available"))
    def available(self, row: Balance) -> str:
        return cells.money(row.available_amount, str(row.asset_id))

    @admin.display(description=gettext_lazy("changed"))
    def changed(self, row: Balance) -> str:
        return cells.moment(row.updated_at)

    for _column in (total, locked, available):
        _column.is_number = True  # type: ignore[attr-defined]
