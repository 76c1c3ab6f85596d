"""How the books stand, now or at any time: what is owed to members, and by them, and what one of them had."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.forms import StaffForm
from aeghash.core.admin.kit import cells
from aeghash.core.admin.page import page
from aeghash.core.models import User
from wallets.models import Asset, SystemAccount, UnknownMember
from wallets.queries.books import balances_at, system_sums


class BooksForm(StaffForm):
    at = forms.DateTimeField(
        label=gettext_lazy("As of"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        help_text=gettext_lazy("Left empty, it is now."),
    )
    uid = forms.CharField(label=gettext_lazy("Member number"), max_length=255, required=False)


@dataclass(frozen=True)
class Line:
    asset: str
    sums: Mapping[tuple[SystemAccount, str], Decimal]

    def owed_to_members(self) -> str:
        """All sides of an asset sum to zero, so the members have what the company's accounts lack."""
        return self.shown(-sum((self.held(account) for account in SystemAccount), Decimal(0)))

    def accounts(self) -> list[str]:
        return [self.shown(self.held(account)) for account in SystemAccount]

    def held(self, account: SystemAccount) -> Decimal:
        return self.sums.get((account, self.asset), Decimal(0))

    def shown(self, amount: Decimal) -> str:
        return cells.money(amount) if amount else cells.NOTHING


def books_page(request: HttpRequest, crumbs: list[tuple[str, str]]) -> HttpResponse:
    form = BooksForm(request.GET)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    at: datetime = given.get("at") or clock.now()
    had = had_by(form, given["uid"], at) if given.get("uid") else None
    sums = system_sums(given.get("at"))
    assets = Asset.objects.filter(pk__in={asset for _account, asset in sums}).order_by("pk")
    lines = [Line(asset.pk, sums) for asset in assets]
    headings = [account.label for account in SystemAccount]
    lead = _("What the company's own accounts hold. What is owed to members is what they lack, asset by asset.")
    return page(
        request, "admin/wallets/books.html", _("The books"), form=form, at=cells.moment(at), had=had, lines=lines,
        headings=headings, lead=lead, crumbs=crumbs,
    )  # fmt: skip


def had_by(form: BooksForm, uid: str, at: datetime) -> list[tuple[str, str]] | None:
    member = User.objects.filter(uid=uid).values_list("pk", flat=True).first()
    if member is None:
        form.add_error("uid", str(UnknownMember()))
        return None
    return [(asset, cells.money(amount)) for asset, amount in balances_at(user_id=member, at=at).items()]
