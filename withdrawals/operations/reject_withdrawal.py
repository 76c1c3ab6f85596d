"""Refuse a payout before it is on its way; the member's money is free again."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid
from aeghash.core.models import User
from aeghash.core.operations.propose import check_entitled
from aeghash.core.transactions import opens_one
from withdrawals.models import Action, Status, Withdrawal
from withdrawals.operations.release_hold import release_hold
from withdrawals.operations.step import VersionConflict, check_status, lock_withdrawal, step
from withdrawals.rights import REJECT


@opens_one()
def reject_withdrawal(*, withdrawal_id: int, by: User, reason: str, version: int | None = None) -> Withdrawal:
    """Refuses: somebody without the right (`permission_denied`), an empty reason (`validation_error`), a request that is
    decided (`invalid_state`), a version other than the row's, if one is given (`version_conflict`).
    """
    check_entitled(by, REJECT)
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    with acting_as(person(by)):
        withdrawal = lock_withdrawal(withdrawal_id)
        check_status(withdrawal, Status.PENDING, Status.APPROVED_PENDING)
        if version not in (None, withdrawal.version):
            raise VersionConflict
        release_hold(withdrawal)
        return step(withdrawal, Status.REJECTED, Action.REJECTED, reason=reason.strip())
