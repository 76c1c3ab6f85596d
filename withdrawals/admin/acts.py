"""What may be done with a request. Each calls one operation, which decides under the request's lock."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, code_field, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from withdrawals.admin.attempts import evidence_in_short
from withdrawals.admin.columns import asked_for, member_name, risk_in_short, status_badge, who_approved
from withdrawals.admin.seen import changes_shown, check_unchanged, seen
from withdrawals.admin.texts import address_in_groups, plainly
from withdrawals.models import UNDECIDED, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import OwnRequest, SameApprover, approve
from withdrawals.operations.file_withdrawal import take_back_withdrawal
from withdrawals.operations.forward_withdrawal import NothingRecorded, confirm_forwarding, record_forwarding
from withdrawals.operations.reject_withdrawal import reject_withdrawal
from withdrawals.operations.resolve_withdrawal import (
    RESOLUTIONS,
    SUBMITTED,
    AnotherDecisionWaits,
    propose_resolution,
)
from withdrawals.operations.retry_withdrawal import RetriedAlready, retry_withdrawal
from withdrawals.operations.step import InvalidState
from withdrawals.queries.desk import current_approvals, pays_to_the_house, waiting_resolution
from withdrawals.rights import APPROVE, CONFIRM, FILE, RECORD, REJECT, RESOLVE

CODE: Final = "otp"


class NotesForm(StaffForm):
    notes = forms.CharField(
        label=gettext_lazy("Note"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Stays in the request's log."),
    )  # fmt: skip


class ReasonForm(StaffForm):
    reason = reason_field(help_text=gettext_lazy("Stays in the request's log; the partner can read it."))


class WishForm(StaffForm):
    reason = reason_field(required=False)


class TransactionForm(StaffForm):
    txid = forms.CharField(
        label=gettext_lazy("Transaction of the exchange"), max_length=255,
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
        help_text=gettext_lazy("As the exchange shows it. Another person will look it up there and confirm it."),
    )  # fmt: skip


class ConfirmForm(StaffForm):
    """With a code of its own, since the operation takes it: it is used up even if what follows is refused."""

    otp = code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.APPROVAL_OTP_REQUIRED:
            del self.fields[CODE]


class ResolutionForm(StaffForm):
    resolution = forms.ChoiceField(
        label=gettext_lazy("What the evidence says"), choices=list(RESOLUTIONS.items()), widget=forms.RadioSelect
    )
    remote_id = forms.CharField(
        label=gettext_lazy("Number at the remote"), max_length=255, required=False,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Only if it was submitted. The remote is asked for it at once, and must show this payout."),
    )  # fmt: skip
    reason = reason_field(help_text=gettext_lazy("What you have looked at, so that the second person can check it."))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("resolution") == SUBMITTED and not given.get("remote_id", "").strip():
            self.add_error("remote_id", _("Give the remote's number."))
        return given


def shown(row: Withdrawal) -> dict[Any, Any]:
    """What will be sent, in all that matters; first of all what has changed, once that was the reason to refuse."""
    changed = {_("What has changed"): changes_shown(row)} if hasattr(row, "changes") else {}
    where = _("the company's account at the exchange") if pays_to_the_house(row) else ""
    return {
        **changed,
        _("Status"): status_badge(row),
        _("Amount"): asked_for(row),
        _("Fee on top"): cells.money(row.fee, str(row.asset_id)) if row.fee else cells.NOTHING,
        _("Member"): member_name(row.user),
        _("To"): address_in_groups(row.address) if row.address else where or cells.NOTHING,
        _("Channel"): row.get_channel_display(),
        _("Risk"): risk_in_short(row),
        _("Approvals"): who_approved(row),
    }


def in_short(row: Withdrawal) -> Mapping[Any, Any]:
    return shown(row)


def total(row: Withdrawal) -> tuple[str, Decimal]:
    """What leaves the house: a point leaves it as another asset."""
    return str(row.paid_as), row.amount  # type: ignore[attr-defined]


def is_viewers_own(row: Withdrawal) -> bool:
    return row.viewer_id in (row.user_id, row.requested_by_id)  # type: ignore[attr-defined]


def has_approved(row: Withdrawal, user_id: int) -> bool:
    return any(approval.approver_id == user_id for approval in current_approvals(row))


def undecided(row: Withdrawal, _user: object = None) -> bool:
    return row.status in UNDECIDED


def wrong_state(row: Withdrawal, *allowed: Status) -> Refusal | None:
    return None if row.status in allowed else InvalidState(row)


def not_approvable(row: Withdrawal) -> Refusal | None:
    if not undecided(row):
        return InvalidState(row)
    if is_viewers_own(row):
        return OwnRequest()
    return SameApprover() if has_approved(row, row.viewer_id) else None  # type: ignore[attr-defined]


def not_retryable(row: Withdrawal) -> Refusal | None:
    again = Withdrawal.objects.filter(retry_of=row).first()
    return RetriedAlready(id=again.pk) if again else wrong_state(row, Status.FAILED)


def not_resolvable(row: Withdrawal) -> Refusal | None:
    if row.status != Status.MANUAL_REVIEW:
        return InvalidState(row)
    if is_viewers_own(row):
        return OwnRequest()
    return AnotherDecisionWaits() if waiting_resolution(row) else None


def not_confirmable(row: Withdrawal) -> Refusal | None:
    if row.status != Status.FORWARDING:
        return InvalidState(row)
    if not row.forwarding_txid:
        return NothingRecorded()
    return SameApprover() if row.viewer_id in (row.forwarded_by_id, row.user_id) else None  # type: ignore[attr-defined]


def approve_it(row: Withdrawal, by: User, given: Given) -> object:
    version = check_unchanged(row, given["seen"])
    return approve(withdrawal_id=row.pk, by=by, version=version, notes=given["notes"])


def reject_it(row: Withdrawal, by: User, given: Given) -> object:
    version = check_unchanged(row, given["seen"])
    return reject_withdrawal(withdrawal_id=row.pk, by=by, reason=given["reason"], version=version)


def cancel_it(row: Withdrawal, by: User, given: Given) -> object:
    check_unchanged(row, given["seen"])
    return take_back_withdrawal(withdrawal_id=row.pk, by=by, reason=given["reason"])


def retry_it(row: Withdrawal, by: User, _given: Given) -> object:
    return retry_withdrawal(withdrawal_id=row.pk, by=by)


def resolve_it(row: Withdrawal, by: User, given: Given) -> object:
    check_unchanged(row, given["seen"])
    if refusal := not_resolvable(row):
        raise refusal
    said = {name: given[name] for name in ("resolution", "remote_id", "reason")}
    return propose_resolution(withdrawal_id=row.pk, by=by, **said)


def record_it(row: Withdrawal, by: User, given: Given) -> object:
    check_unchanged(row, given["seen"])
    return record_forwarding(withdrawal_id=row.pk, by=by, txid=given["txid"])


def confirm_it(row: Withdrawal, by: User, given: Given) -> object:
    version = check_unchanged(row, given["seen"])
    return confirm_forwarding(withdrawal_id=row.pk, by=by, version=version, code=given.get(CODE, ""))


APPROVE_IT = RowAct[Withdrawal](
    name="approve",
    label=gettext_lazy("Approve"),
    explains=gettext_lazy("Your word for exactly what stands here. The second approval sends it on its way."),
    done=gettext_lazy("Approved."),
    carry_out=approve_it,
    right=APPROVE,
    form=NotesForm,
    describes=in_short,
    refuses=not_approvable,
    seen=seen,
    amount=total,
    offered=lambda row, user: not_approvable(row) is None,
    step_up=True,
    tone="primary",
)
REJECT_IT = RowAct[Withdrawal](
    name="reject",
    label=gettext_lazy("Reject"),
    explains=gettext_lazy("It is not paid; the money is the member's to use again at once."),
    done=gettext_lazy("Rejected."),
    carry_out=reject_it,
    right=REJECT,
    form=ReasonForm,
    describes=shown,
    refuses=lambda row: wrong_state(row, *UNDECIDED),
    seen=seen,
    offered=undecided,
    for_many=False,
    tone="danger",
)
CANCEL_IT = RowAct[Withdrawal](
    name="cancel",
    label=gettext_lazy("Take back"),
    explains=gettext_lazy("For the member who doesn't want it any more. The money is free again at once."),
    done=gettext_lazy("Taken back."),
    carry_out=cancel_it,
    right=FILE,
    form=WishForm,
    describes=shown,
    refuses=lambda row: wrong_state(row, *UNDECIDED),
    seen=seen,
    offered=undecided,
    for_many=False,
)
RETRY_IT = RowAct[Withdrawal](
    name="retry",
    label=gettext_lazy("Ask again"),
    explains=gettext_lazy("Makes a new request for the same, with a new hold. It is judged and approved anew."),
    done=gettext_lazy("Asked for again: the new request waits for its approvals."),
    carry_out=retry_it,
    right=FILE,
    describes=shown,
    refuses=not_retryable,
    offered=lambda row, _user: row.status == Status.FAILED and not_retryable(row) is None,
    for_many=False,
)
RESOLVE_IT = RowAct[Withdrawal](
    name="resolve",
    label=gettext_lazy("Propose a decision"),
    explains=gettext_lazy(
        "Look at the remote's own pages first. Sending again, or giving the money back, pays twice if it was paid after all."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=resolve_it,
    right=RESOLVE,
    form=ResolutionForm,
    describes=lambda row: {**shown(row), _("Evidence"): evidence_in_short(row)},
    refuses=not_resolvable,
    seen=seen,
    offered=lambda row, _user: not_resolvable(row) is None,
    for_many=False,
    tone="primary",
)
RECORD_IT = RowAct[Withdrawal](
    name="record-forwarding",
    label=gettext_lazy("Record the forwarding"),
    explains=gettext_lazy(
        "The pool has paid the company's account at the exchange. Say by what the member was paid from there."
    ),
    done=gettext_lazy("Recorded. Another person must confirm it."),
    carry_out=record_it,
    right=RECORD,
    form=TransactionForm,
    initial=lambda row: {"txid": row.forwarding_txid},
    describes=shown,
    refuses=lambda row: wrong_state(row, Status.FORWARDING),
    seen=seen,
    offered=lambda row, _user: row.status == Status.FORWARDING,
    for_many=False,
)
CONFIRM_IT = RowAct[Withdrawal](
    name="confirm-forwarding",
    label=gettext_lazy("Confirm the forwarding"),
    explains=gettext_lazy("You have seen this transaction at the exchange, with this amount, to this address."),
    done=gettext_lazy("Confirmed: the withdrawal is completed."),
    carry_out=confirm_it,
    right=CONFIRM,
    form=ConfirmForm,
    describes=lambda row: {**shown(row), _("Transaction of the exchange"): plainly(row.forwarding_txid, 255)},
    refuses=not_confirmable,
    seen=seen,
    offered=lambda row, _user: not_confirmable(row) is None,
    for_many=False,
    tone="primary",
)
ACTS: Final = (APPROVE_IT, REJECT_IT, RESOLVE_IT, CONFIRM_IT, RECORD_IT, RETRY_IT, CANCEL_IT)
KEYS: Final = {"approve": "a", "reject": "r"}
