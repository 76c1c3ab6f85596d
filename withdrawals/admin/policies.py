"""How each asset is paid out; a change takes two people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.models import User
from wallets.models import AssetKind
from withdrawals.admin.areas import WITHDRAWALS
from withdrawals.models import AssetPolicy, Channel
from withdrawals.operations.change_policy import AMOUNTS, LABELS, as_said, propose_policy
from withdrawals.rights import PROPOSE_RULES, VIEW


class PolicyForm(StaffForm):
    """What a channel can't pay is refused by the operation, which says why."""

    is_enabled = forms.BooleanField(label=gettext_lazy("Can be withdrawn"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=Channel.choices)
    paid_as = forms.CharField(label=gettext_lazy("Paid as"), max_length=10)
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = self.fields.pop("reason")
        for name in AMOUNTS:
            self.fields[name] = forms.CharField(
                label=LABELS[name], required=False, max_length=60, widget=forms.TextInput({"inputmode": "decimal"})
            )
        self.fields["reason"] = last


def propose_change(policy: AssetPolicy, by: User, given: Given) -> object:
    wanted = {name: given[name] for name in LABELS}
    return propose_policy(asset=str(policy.asset_id), wanted=wanted, by=by, reason=given["reason"])


PROPOSE = RowAct[AssetPolicy](
    name="propose",
    label=gettext_lazy("Propose other rules"),
    explains=gettext_lazy(
        "Nothing changes until another person has agreed. Requests keep the fee they were asked for with."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_change,
    right=PROPOSE_RULES,
    form=PolicyForm,
    initial=as_said,
    describes=lambda policy: {_("Asset"): policy.asset_id},
    for_many=False,
    tone="primary",
)


@admin.register(AssetPolicy)
class PolicyScreen(Screen[AssetPolicy]):
    area = WITHDRAWALS
    place = 30
    may_view = VIEW
    lead = gettext_lazy("What can be withdrawn, through whom, and how much. A change takes two people.")
    row_acts = (PROPOSE,)
    list_display = ("asset_shown", "state", "paid_by", "fee", "limit_least", "limit_most", "limit_a_day")
    list_select_related = ("asset",)
    ordering = ("asset",)
    sortable_by = ()

    def title_of(self, row: AssetPolicy) -> str:
        return _("Payout of %(asset)s") % {"asset": row.asset_id}

    def badge_of(self, row: AssetPolicy) -> str:
        return self.state(row)

    def sections(self, row: AssetPolicy) -> Sequence[Section]:
        unit = str(row.asset_id)
        facts = [
            (LABELS["channel"], row.get_channel_display()),
            (LABELS["paid_as"], row.paid_as_id),
            *((LABELS[name], cells.money(getattr(row, name), unit)) for name in AMOUNTS),
        ]
        note = _("Points are paid as a token, one for one.") if row.asset.kind == AssetKind.POINT else ""
        return (Section(_("Rules"), facts, note=note),)

    @admin.display(description=gettext_lazy("asset"))
    def asset_shown(self, row: AssetPolicy) -> str:
        return str(row.asset_id)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: AssetPolicy) -> str:
        return cells.badge(_("can be withdrawn"), "ok") if row.is_enabled else cells.badge(_("stopped"), "bad")

    @admin.display(description=gettext_lazy("paid by"))
    def paid_by(self, row: AssetPolicy) -> str:
        return f"{row.get_channel_display()} · {row.paid_as_id}"

    @admin.display(description=gettext_lazy("fee on top"))
    def fee(self, row: AssetPolicy) -> str:
        return cells.money(row.fee_on_top.normalize())

    @admin.display(description=gettext_lazy("least amount"))
    def limit_least(self, row: AssetPolicy) -> str:
        return cells.money(row.least)

    @admin.display(description=gettext_lazy("most at once"))
    def limit_most(self, row: AssetPolicy) -> str:
        return cells.money(row.most)

    @admin.display(description=gettext_lazy("most in 24 hours"))
    def limit_a_day(self, row: AssetPolicy) -> str:
        return cells.money(row.most_a_day)

    for _column in (fee, limit_least, limit_most, limit_a_day):
        _column.is_number = True  # type: ignore[attr-defined]
