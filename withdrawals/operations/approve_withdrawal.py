"""Agree to a payout, as one of two people."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.propose import check_entitled
from aeghash.core.operations.prove_presence import prove_presence
from aeghash.core.transactions import opens_one
from withdrawals.models import Action, Approval, Status, Withdrawal
from withdrawals.operations.step import VersionConflict, check_status, lock_withdrawal, step
from withdrawals.queries.claims import approvals_needed
from withdrawals.queries.limits import check_cap
from withdrawals.rights import APPROVE

APPROVALS_LAST: Final = timedelta(hours=24)
SUBMIT: Final = "withdrawals.submit"


class SameApprover(Refusal):
    code = "same_approver"
    sentence = _("You have approved this already: the second approval is another person's.")


class OwnRequest(Refusal):
    code = "same_approver"
    sentence = _("You have filed this request yourself: others approve it.")


def approve_withdrawal(*, withdrawal_id: int, by: User, version: int, code: str = "", notes: str = "") -> Withdrawal:
    """The first approval leads to `approved_pending`, the second to `approved` and on its way; in one-step mode the first.

    Refuses: a missing or used code (`otp_invalid`), somebody without the right (`permission_denied`), a request that is
    decided (`invalid_state`), its requester and whoever has approved it (`same_approver`), and a version other than the
    one in the row (`version_conflict`).
    """
    check_entitled(by, APPROVE)
    prove_presence(person=by, code=code)  # commits by itself: a refusal below must not give a used code back
    return approve(withdrawal_id=withdrawal_id, by=by, version=version, notes=notes)


@opens_one()
def approve(*, withdrawal_id: int, by: User, version: int, notes: str = "") -> Withdrawal:
    """The same for a caller that has seen to the approver's presence itself (several requests, one code)."""
    check_entitled(by, APPROVE)
    with acting_as(person(by)):
        withdrawal = lock_withdrawal(withdrawal_id)
        check_status(withdrawal, Status.PENDING, Status.APPROVED_PENDING)
        given = approvers_of(withdrawal)
        if by.pk in (withdrawal.requested_by_id, withdrawal.user_id):
            raise OwnRequest
        if by.pk in given:
            raise SameApprover
        if withdrawal.version != version:
            raise VersionConflict
        return _approved(withdrawal, by, notes, stage=len(given) + 1)


def approvers_of(withdrawal: Withdrawal) -> list[int]:
    """Of its present round. Under the row's lock there can't be one more."""
    given = Approval.objects.filter(withdrawal=withdrawal, round=withdrawal.round)
    return list(given.values_list("approver_id", flat=True))


def _approved(withdrawal: Withdrawal, by: User, notes: str, *, stage: int) -> Withdrawal:
    give_approval(withdrawal, by, notes, stage=stage)
    if stage < approvals_needed(withdrawal):
        return step(withdrawal, Status.APPROVED_PENDING, Action.APPROVED_STAGE1, reason=notes)
    check_cap(withdrawal.user_id, withdrawal.asset_id)
    step(withdrawal, Status.APPROVED, Action.APPROVED, reason=notes)
    want_submitted(withdrawal)
    return withdrawal


def give_approval(withdrawal: Withdrawal, by: User, notes: str, *, stage: int) -> None:
    """Writes down what was seen; the database compares it with the row."""
    now = clock.now()
    Approval.objects.create(
        withdrawal=withdrawal,
        round=withdrawal.round,
        stage=stage,
        approver=by,
        version=withdrawal.version,
        digest=withdrawal.digest,
        notes=notes,
        approved_at=now,
        expires_at=now + APPROVALS_LAST,
    )


def want_submitted(withdrawal: Withdrawal) -> None:
    enqueue(SUBMIT, key=f"withdrawal:{withdrawal.pk}", withdrawal_id=withdrawal.pk)
