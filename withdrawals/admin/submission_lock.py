"""After a restore submissions are locked; two people let them go on."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.propose import propose
from withdrawals.admin.areas import WITHDRAWALS
from withdrawals.models import SubmissionLock
from withdrawals.operations.lock_submissions import UNLOCK_SUBMISSIONS, NotReconciled
from withdrawals.rights import VIEW


class ReasonForm(StaffForm):
    reason = reason_field()


def not_yet(lock: SubmissionLock) -> Refusal | None:
    return NotReconciled() if lock.is_locked and lock.reconciled_at is None else None


def propose_to_unlock(lock: SubmissionLock, by: User, given: Given) -> object:
    if refusal := not_yet(lock):
        raise refusal
    return propose(act=UNLOCK_SUBMISSIONS, content={"reason": given["reason"]}, by=by, reason=given["reason"])


def shown(lock: SubmissionLock) -> dict[Any, Any]:
    return {
        _("Status"): state_of(lock),
        _("Reason"): cells.text(lock.reason),
        _("Since"): cells.moment(lock.changed_at),
        _("Reconciled"): cells.moment(lock.reconciled_at),
        _("System identifier"): cells.text(lock.system_identifier),
        _("Timeline"): cells.text(lock.timeline),
    }


def state_of(lock: SubmissionLock) -> str:
    return cells.badge(_("locked"), "bad") if lock.is_locked else cells.badge(_("not locked"), "ok")


UNLOCK = RowAct[SubmissionLock](
    name="unlock",
    label=gettext_lazy("Propose to unlock submissions"),
    explains=gettext_lazy("Nothing is submitted until another person has agreed."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_to_unlock,
    right=rights.LIFT_KILL_SWITCH,
    form=ReasonForm,
    describes=shown,
    refuses=not_yet,
    offered=lambda lock, _user: lock.is_locked,
    for_many=False,
    tone="primary",
)


@admin.register(SubmissionLock)
class SubmissionLockScreen(Screen[SubmissionLock]):
    area = WITHDRAWALS
    place = 40
    may_view = VIEW
    row_acts = (UNLOCK,)

    @method_decorator(require_safe)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        """There is only the one."""
        return HttpResponseRedirect(self.row_url(SubmissionLock.objects.get()))

    def title_of(self, row: SubmissionLock) -> str:
        return self.label()

    def badge_of(self, row: SubmissionLock) -> str:
        return state_of(row)

    def sections(self, row: SubmissionLock) -> Sequence[Section]:
        note = _(
            "After a restore the remotes know more than this database: nothing is submitted until reconcile_withdrawals has "
            "run clean and two people have agreed."
        )
        return (Section(_("State"), list(shown(row).items()), note=note),)
