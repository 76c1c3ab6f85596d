"""What left the wallets, and the queue of what two people must settle."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from wallets.admin.crypto_areas import CRYPTO
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.check_transaction import check_transaction
from wallets.operations.move_tokens import NotRepeatable, check_repeatable, propose_again
from wallets.operations.resolve_manual_review import NotInReview, propose_as_not_sent, propose_as_sent

S = TransactionStatus
TONES: Final = {
    S.COMPLETED: "ok",
    S.FAILED: "bad",
    S.MANUAL_REVIEW: "bad",
    S.RETRYING: "warn",
    S.SUBMITTING: "info",
    S.SUBMITTED: "info",
    S.PENDING_TRANSIT: "info",
}
CHECKABLE: Final = (S.SUBMITTED, S.PENDING_TRANSIT, S.MANUAL_REVIEW)

name_verbs(
    {
        "token_transfer.completed": gettext_lazy("Completed, proven by its receipt"),
        "token_transfer.failed": gettext_lazy("Failed, nothing was sent"),
        "token_transfer.manual_review": gettext_lazy("To manual review"),
        "token_transfer.pending": gettext_lazy("Transit accepted by MBlock"),
        "token_transfer.queued": gettext_lazy("Queued"),
        "token_transfer.retrying": gettext_lazy("Not sent, will be tried again"),
        "token_transfer.submitted": gettext_lazy("Accepted by MBlock"),
        "token_transfer.submitting": gettext_lazy("About to be submitted"),
    }
)


class SentForm(StaffForm):
    txid = forms.CharField(label="txid", max_length=200, help_text=gettext_lazy("Its receipt must show this transfer."))
    reason = reason_field()


class ReasonForm(StaffForm):
    reason = reason_field()


def check(row: WalletTransaction, _by: User, _given: Given) -> object:
    return check_transaction(transaction_id=row.pk)


def as_sent(row: WalletTransaction, by: User, given: Given) -> object:
    return propose_as_sent(transaction_id=row.pk, txid=given["txid"], reason=given["reason"], by=by)


def as_not_sent(row: WalletTransaction, by: User, given: Given) -> object:
    return propose_as_not_sent(transaction_id=row.pk, reason=given["reason"], by=by)


def again(row: WalletTransaction, by: User, given: Given) -> object:
    return propose_again(transaction_id=row.pk, reason=given["reason"], by=by)


def shown(row: WalletTransaction) -> dict[Any, Any]:
    return {
        _("Status"): state_of(row),
        _("Amount"): cells.money(row.amount, row.asset_id),
        _("From wallet"): cells.address(row.wallet.address),
        _("To"): cells.address(row.to_address),
        _("Last answer"): row.reason or cells.NOTHING,
    }


def state_of(row: WalletTransaction) -> str:
    return cells.badge(row.get_status_display(), TONES.get(S(row.status), ""))


def in_review(row: WalletTransaction) -> bool:
    return row.status == S.MANUAL_REVIEW


def is_repeatable(row: WalletTransaction) -> Refusal | None:
    try:
        check_repeatable(row)
    except NotRepeatable as refusal:
        return refusal
    return None


def not_in_review(row: WalletTransaction) -> Refusal | None:
    return None if in_review(row) else NotInReview(status=row.get_status_display())


CHECK = RowAct[WalletTransaction](
    name="check",
    label=gettext_lazy("Check the receipt"),
    explains=gettext_lazy("Looks on the chain now. Nothing but a receipt that is ours moves a transfer on."),
    done=gettext_lazy("Checked."),
    carry_out=check,
    right=rights.ISSUE_WALLETS,
    describes=shown,
    offered=lambda row, _user: row.status in CHECKABLE,
    tone="primary",
)
AS_SENT = RowAct[WalletTransaction](
    name="sent",
    label=gettext_lazy("Settle as sent"),
    explains=gettext_lazy("With the txid you found on the chain. Another person must agree."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=as_sent,
    right=rights.RESOLVE_WITHDRAWALS,
    form=SentForm,
    describes=shown,
    refuses=not_in_review,
    offered=lambda row, _user: in_review(row),
    for_many=False,
    tone="primary",
)
AS_NOT_SENT = RowAct[WalletTransaction](
    name="not-sent",
    label=gettext_lazy("Settle as not sent"),
    explains=gettext_lazy(
        "On your word and another person's: look on the chain first. If it was sent after all, the money is gone twice."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=as_not_sent,
    right=rights.RESOLVE_WITHDRAWALS,
    form=ReasonForm,
    describes=shown,
    refuses=not_in_review,
    offered=lambda row, _user: in_review(row),
    for_many=False,
    tone="danger",
)
AGAIN = RowAct[WalletTransaction](
    name="again",
    label=gettext_lazy("Ask for it again"),
    explains=gettext_lazy(
        "Of this one nothing was sent. A new transfer takes its place once another person has agreed."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=again,
    right=rights.TRANSFER_TOKENS,
    form=ReasonForm,
    describes=shown,
    refuses=is_repeatable,
    offered=lambda row, _user: is_repeatable(row) is None,
    for_many=False,
)


@admin.register(WalletTransaction)
class WalletTransactionScreen(Screen[WalletTransaction]):
    area = CRYPTO
    place = 20
    may_view = rights.ISSUE_WALLETS
    lead = gettext_lazy("Each goes out at most once. What the machine can't settle waits here for two people.")
    empty_title = gettext_lazy("Nothing to settle")
    empty_text = gettext_lazy("A transfer of which nobody knows whether it was sent waits here.")
    tabs = (
        Tab("review", gettext_lazy("Manual review"), Q(status=S.MANUAL_REVIEW)),
        Tab("open", gettext_lazy("Under way"), Q(status__in=(S.QUEUED, S.SUBMITTING, S.SUBMITTED, S.PENDING_TRANSIT))),
        Tab("retrying", gettext_lazy("Will be tried again"), Q(status=S.RETRYING)),
        Tab("failed", gettext_lazy("Failed"), Q(status=S.FAILED), is_counted=False),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    row_acts = (CHECK, AS_SENT, AS_NOT_SENT, AGAIN)
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("Kind"): lambda row: row.get_kind_display(),
        gettext_lazy("Status"): lambda row: row.get_status_display(),
        gettext_lazy("Amount"): lambda row: row.amount,
        gettext_lazy("Asset"): lambda row: row.asset_id,
        gettext_lazy("From wallet"): lambda row: row.wallet.address,
        gettext_lazy("To"): lambda row: row.to_address,
        "txid": lambda row: row.txid,
        gettext_lazy("Created"): lambda row: row.created_at,
        gettext_lazy("Finished"): lambda row: row.finished_at,
    }
    search_fields = ("=id", "txid__istartswith", "to_address__istartswith", "wallet__address__istartswith")
    search_help_text = gettext_lazy("Number, txid or address")
    list_display = ("number", "state_badge", "kind", "shown_amount", "from_wallet", "to", "asked")
    ordering = ("-id",)
    sortable_by = ()

    def waiting(self) -> QuerySet[WalletTransaction]:
        return WalletTransaction.objects.filter(status=S.MANUAL_REVIEW)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WalletTransaction]:
        return super().get_queryset(request).select_related("wallet", "wallet__user", "retry")

    def title_of(self, row: WalletTransaction) -> str:
        return f"{row.get_kind_display()} #{row.pk}"

    def badge_of(self, row: WalletTransaction) -> str:
        return state_of(row)

    def sections(self, row: WalletTransaction) -> Sequence[Section]:
        before, now = row.evidence.get("balances_before", row.mark), row.evidence.get("balances_now", {})
        facts = [
            *shown(row).items(),
            (_("Attempts"), row.attempts),
            (_("Origin"), row.get_origin_display()),
            ("txid", cells.address(row.txid)),
            (_("In place of"), f"#{row.retry_of_id}" if row.retry_of_id else cells.NOTHING),
            (_("Created"), cells.moment(row.created_at)),
            (_("Finished"), cells.moment(row.finished_at)),
        ]
        weighed = [
            (_("Payer's balance before the call"), before.get("sender", cells.NOTHING)),
            (_("Receiver's balance before the call"), before.get("receiver", cells.NOTHING)),
            (_("Payer's balance when it was weighed"), now.get("sender", cells.NOTHING)),
            (_("Receiver's balance when it was weighed"), now.get("receiver", cells.NOTHING)),
        ]
        note = _("Balances move by other causes too: they are a hint for people, and no proof.")
        return (Section(_("Token transfer"), facts), Section(_("Evidence"), weighed, note=note))

    @admin.display(description=gettext_lazy("number"))
    def number(self, row: WalletTransaction) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, row: WalletTransaction) -> str:
        return state_of(row)

    @admin.display(description=gettext_lazy("amount"))
    def shown_amount(self, row: WalletTransaction) -> str:
        return cells.money(row.amount, row.asset_id)

    shown_amount.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("from wallet"))
    def from_wallet(self, row: WalletTransaction) -> str:
        url = reverse("admin:wallets_cryptowallet_change", args=[row.wallet_id])
        return format_html('<a href="{}">{}</a>', url, row.wallet.label or cells.address(row.wallet.address))

    @admin.display(description=gettext_lazy("to"))
    def to(self, row: WalletTransaction) -> str:
        return cells.address(row.to_address)

    @admin.display(description=gettext_lazy("created"))
    def asked(self, row: WalletTransaction) -> str:
        return cells.short_moment(row.created_at)
