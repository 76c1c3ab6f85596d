"""Wallets at MBlock: what they hold now, and what two people may make them send."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock, rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.page import page
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import User
from wallets.admin.crypto_areas import CRYPTO
from wallets.clients.mblock.live_balances import live_balances
from wallets.models import CryptoWallet, WalletState
from wallets.operations.issue_wallet import issue_wallet
from wallets.operations.move_tokens import propose_transfer, propose_transit
from wallets.operations.queue_transaction import WalletNotActive
from wallets.operations.refresh_wallet_key import refresh_wallet_key
from wallets.operations.rotate_wallet_keys import DUE_AFTER

TONES: Final = {WalletState.ACTIVE: "ok", WalletState.REFRESHING: "info", WalletState.FROZEN: "bad"}
PATIENCE: Final = 1.5  # seconds for each balance: a page doesn't wait for a remote that is away
TOKENS: Final = [("USDT", "USDT"), ("BNB", "BNB")]

name_verbs(
    {
        "crypto_wallet.frozen": gettext_lazy("Wallet frozen"),
        "crypto_wallet.issued": gettext_lazy("Wallet issued"),
        "crypto_wallet.key_refreshed": gettext_lazy("Wallet key refreshed"),
        "crypto_wallet.refresh_begun": gettext_lazy("Refresh of the key begun"),
        "crypto_wallet.refresh_refused": gettext_lazy("Refresh of the key refused"),
        "crypto_wallet.registered": gettext_lazy("Wallet registered"),
        "crypto_wallet.thawed": gettext_lazy("Wallet let go on with a new key"),
    }
)


class MoveForm(StaffForm):
    asset = forms.ChoiceField(label=gettext_lazy("Asset"), choices=TOKENS)
    to = forms.CharField(label=gettext_lazy("To"), max_length=42)
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=40)
    reason = reason_field()


class TransitForm(MoveForm):
    asset = forms.ChoiceField(label=gettext_lazy("Asset"), choices=TOKENS[:1])


class IssueForm(StaffForm):
    uid = forms.CharField(
        label=gettext_lazy("Member number"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("Left empty, the wallet is the company's."),
    )
    label = forms.CharField(label=gettext_lazy("Label"), max_length=60, required=False)


def moved(given: Given) -> dict[str, Any]:
    return {name: given[name] for name in ("asset", "to", "amount", "reason")}


def transfer(wallet: CryptoWallet, by: User, given: Given) -> object:
    return propose_transfer(wallet_id=str(wallet.pk), by=by, **moved(given))


def transit(wallet: CryptoWallet, by: User, given: Given) -> object:
    return propose_transit(wallet_id=str(wallet.pk), by=by, **moved(given))


def refresh(wallet: CryptoWallet, _by: User, _given: Given) -> object:
    return refresh_wallet_key(wallet_id=wallet.pk)


def not_active(wallet: CryptoWallet) -> Refusal | None:
    return None if wallet.state == WalletState.ACTIVE else WalletNotActive(state=wallet.get_state_display())


def shown(wallet: CryptoWallet) -> dict[Any, Any]:
    return {
        _("Address"): cells.address(wallet.address),
        _("Owner"): owner_of(wallet),
        _("Status"): state_of(wallet),
        _("Key since"): cells.moment(wallet.key_since),
    }


def owner_of(wallet: CryptoWallet) -> str:
    return cells.person(wallet.user) if wallet.user else _("the company")


def state_of(wallet: CryptoWallet) -> str:
    return cells.badge(wallet.get_state_display(), TONES[WalletState(wallet.state)])


def is_active(wallet: CryptoWallet, _user: User) -> bool:
    return wallet.state == WalletState.ACTIVE


TRANSFER = RowAct[CryptoWallet](
    name="transfer",
    label=gettext_lazy("Propose a transfer"),
    explains=gettext_lazy(
        "Nothing is sent until another person of finance has agreed. The wallet pays the gas itself."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=transfer,
    right=rights.TRANSFER_TOKENS,
    form=MoveForm,
    describes=shown,
    refuses=not_active,
    offered=is_active,
    for_many=False,
    tone="primary",
)
TRANSIT = RowAct[CryptoWallet](
    name="transit",
    label=gettext_lazy("Propose a transit"),
    explains=gettext_lazy("Nothing is sent until another person of finance has agreed. The fee wallet pays the gas."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=transit,
    right=rights.TRANSFER_TOKENS,
    form=TransitForm,
    describes=shown,
    refuses=not_active,
    offered=is_active,
    for_many=False,
)
REFRESH = RowAct[CryptoWallet](
    name="refresh-key",
    label=gettext_lazy("Refresh the key"),
    explains=gettext_lazy(
        "The old key is dead at once. If MBlock's answer is lost, the wallet is frozen until somebody brings its new key."
    ),
    done=gettext_lazy("The wallet has a new key."),
    carry_out=refresh,
    right=rights.CONFIGURE_WALLETS,
    describes=shown,
    refuses=not_active,
    offered=is_active,
    for_many=False,
    tone="danger",
)


@admin.register(CryptoWallet)
class CryptoWalletScreen(Screen[CryptoWallet]):
    area = CRYPTO
    place = 10
    may_view = rights.ISSUE_WALLETS
    lead = gettext_lazy("Addresses on BNB chain whose private keys MBlock keeps, the members' and the company's.")
    empty_title = gettext_lazy("No wallet yet")
    empty_text = gettext_lazy("Issue one for a member, or one for the company to pay from.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("company", gettext_lazy("The company's"), Q(user=None), is_counted=False),
        Tab("frozen", gettext_lazy("Frozen"), Q(state=WalletState.FROZEN)),
    )
    row_acts = (TRANSFER, TRANSIT, REFRESH)
    export = {
        gettext_lazy("Address"): lambda wallet: wallet.address,
        gettext_lazy("Member number"): lambda wallet: wallet.user.uid if wallet.user else "",
        gettext_lazy("Label"): lambda wallet: wallet.label,
        gettext_lazy("Status"): lambda wallet: wallet.get_state_display(),
        gettext_lazy("Key since"): lambda wallet: wallet.key_since,
    }
    search_fields = ("address__istartswith", "label__icontains", "user__uid", "user__name__icontains")
    search_help_text = gettext_lazy("Address, label, member number or name")
    change_list_template = "admin/crypto_wallets.html"
    list_display = ("short_address", "owner", "label", "state_badge", "key_age")
    list_select_related = ("user",)
    ordering = ("-created_at", "pk")
    sortable_by = ()

    def waiting(self) -> QuerySet[CryptoWallet]:
        return CryptoWallet.objects.filter(state=WalletState.FROZEN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CryptoWallet]:
        return super().get_queryset(request).select_related("user")

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("issue/", private(self.issue), name=f"{self.name}_issue")]

    def issue(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            wallet = issued(form)
            if wallet is not None:
                messages.success(request, _("MBlock has issued a wallet."))
                return HttpResponseRedirect(self.row_url(wallet))
        lead = _("A new address at MBlock. A member has one at a time.")
        crumbs = [(self.label(), self.list_url())]
        return page(
            request, "admin/form.html", _("Issue a wallet"), form=form, button=_("Issue"), lead=lead, crumbs=crumbs
        )

    def title_of(self, row: CryptoWallet) -> str:
        return row.label or owner_of(row)

    def badge_of(self, row: CryptoWallet) -> str:
        return state_of(row)

    def sections(self, row: CryptoWallet) -> Sequence[Section]:
        facts = [
            *shown(row).items(),
            (_("Age of the key"), self.key_age(row)),
            (_("Why it is frozen"), row.frozen_reason or "–"),
        ]
        return (
            Section(_("Wallet"), facts),
            Section(_("Balance on the chain, now"), *balance_section(row)),
            Section(_("Last transfers"), transfers_of(row)),
        )

    @admin.display(description=gettext_lazy("address"))
    def short_address(self, row: CryptoWallet) -> str:
        return cells.address(row.address)

    @admin.display(description=gettext_lazy("owner"))
    def owner(self, row: CryptoWallet) -> str:
        return owner_of(row)

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, row: CryptoWallet) -> str:
        return state_of(row)

    @admin.display(description=gettext_lazy("age of the key"))
    def key_age(self, row: CryptoWallet) -> str:
        age = clock.now() - row.key_since
        days = _("%(count)s days") % {"count": age.days}
        return cells.badge(days, "warn") if age >= DUE_AFTER else days


def issued(form: IssueForm) -> CryptoWallet | None:
    uid = form.cleaned_data["uid"].strip()
    try:
        user = User.objects.filter(uid=uid).first() if uid else None
        if uid and user is None:
            raise NotFound
        return issue_wallet(user=user, label=form.cleaned_data["label"])
    except Refusal as refusal:
        form.add_error("uid", str(refusal))
        return None


def balance_section(wallet: CryptoWallet) -> tuple[list[tuple[str, Any]], str, str]:
    """Facts, no HTML, and what to say where MBlock doesn't answer."""
    try:
        found = live_balances(wallet, deadline=PATIENCE)
    except Refusal as refusal:
        return [], "", str(refusal)
    return [(each.asset, cells.money(each.amount, each.asset)) for each in found], "", ""


def transfers_of(wallet: CryptoWallet) -> list[tuple[str, Any]]:
    rows = wallet.transactions.order_by("-id")[:10]
    url = "admin:wallets_wallettransaction_change"
    return [
        (
            f"#{row.pk}",
            format_html(
                '<a href="{}">{} {}</a> {} {}', reverse(url, args=[row.pk]), row.get_kind_display(),
                cells.money(row.amount, row.asset_id), row.get_status_display(), cells.moment(row.created_at),
            ),
        )
        for row in rows
    ]  # fmt: skip
