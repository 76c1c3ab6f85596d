"""The pool's own history of withdrawals, and the way to explain one that is nobody's."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.models import User
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from aeghash.core.rights import permission
from mining.admin.areas import MINING, VIEW_MINING
from mining.models import (
    Owner,
    PoolWithdrawal,
)
from mining.operations.register_external import REGISTER_EXTERNAL
from mining.queries.orphans import orphans


class ExplainForm(StaffForm):
    reason = reason_field()


def explain(row: PoolWithdrawal, by: User, given: Given) -> object:
    content = {
        "remote_id": row.remote_id,
        "coin": row.coin,
        "amount": format_amount(row.amount, 0),
        "explanation": given["reason"],
    }
    return propose(act=REGISTER_EXTERNAL, content=content, by=by, reason=given["reason"])


EXPLAIN = RowAct[PoolWithdrawal](
    name="explain",
    label=gettext_lazy("Propose an explanation"),
    explains=gettext_lazy("While it isn't explained, no coins are paid out. Another person must agree."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=explain,
    right=permission("resolve_withdrawals"),
    form=ExplainForm,
    describes=lambda row: {_("Amount"): cells.money(row.amount, row.coin), _("Made"): cells.moment(row.made_at)},
    offered=lambda row, _user: orphans().filter(pk=row.pk).exists(),
    for_many=False,
)


@admin.register(PoolWithdrawal)
class PoolWithdrawalScreen(Screen[PoolWithdrawal]):
    area = MINING
    place = 50
    may_view = VIEW_MINING
    lead = gettext_lazy(
        "The pool's own history of withdrawals. What is nobody's counts as theft until it is explained."
    )
    empty_title = gettext_lazy("The pool shows no withdrawals")
    empty_text = gettext_lazy("Its history is read every hour, and every minute while a payout is open.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("unexplained", gettext_lazy("To be explained"), Q(pk__in=orphans())),
        Tab("nobodys", gettext_lazy("Nobody's"), Q(owner=Owner.NOBODY)),
    )
    row_acts = (EXPLAIN,)
    filters = ("status",)
    search_fields = ("=remote_id",)
    list_display = ("remote_id", "amount_shown", "fee_shown", "status", "owner_shown", "made")
    ordering = ("-id",)
    sortable_by = ()

    def waiting(self) -> QuerySet[PoolWithdrawal]:
        return orphans()

    def sections(self, row: PoolWithdrawal) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Amount"), self.amount_shown(row)),
            (_("Fee"), self.fee_shown(row)),
            (_("Status"), row.status),
            (_("Address"), cells.address(row.address)),
            (_("Whose"), self.owner_shown(row)),
            (_("Explanation"), cells.text(row.explanation)),
            (_("Made"), cells.moment(row.made_at)),
            (_("First seen"), cells.moment(row.first_seen_at)),
        ]
        return (Section(_("Withdrawal at the pool"), facts),)

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: PoolWithdrawal) -> str:
        return cells.money(row.amount, row.coin)

    @admin.display(description=gettext_lazy("fee"))
    def fee_shown(self, row: PoolWithdrawal) -> str:
        return cells.money(row.fee, row.coin)

    @admin.display(description=gettext_lazy("whose"))
    def owner_shown(self, row: PoolWithdrawal) -> str:
        return cells.badge(row.get_owner_display(), "bad" if row.owner == Owner.NOBODY else "")

    @admin.display(description=gettext_lazy("made"))
    def made(self, row: PoolWithdrawal) -> str:
        return cells.moment(row.made_at)

    amount_shown.is_number = True  # type: ignore[attr-defined]
    fee_shown.is_number = True  # type: ignore[attr-defined]
