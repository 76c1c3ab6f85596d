"""Ask again for what has failed: a new request, with a new hold and new approvals, that names the old one."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.propose import check_entitled
from aeghash.core.transactions import opens_one
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.file_withdrawal import SOURCE
from withdrawals.operations.request_withdrawal import RiskBlocked, request_withdrawal
from withdrawals.operations.step import check_status, lock_withdrawal
from withdrawals.rights import FILE


class RetriedAlready(Refusal):
    code = "retried_already"
    sentence = _("This was asked for again already: see request #%(id)s.")
    members = ("id",)


def retry_withdrawal(*, withdrawal_id: int, by: User) -> Withdrawal:
    """Refuses: somebody without the right (`permission_denied`), a request that hasn't failed (`invalid_state`), one that
    was asked for again already (`retried_already`), a risk block (`risk_blocked`); and what every request is refused for.
    """
    withdrawal = _retry(withdrawal_id, by)
    if withdrawal.status == Status.CANCELLED:
        raise RiskBlocked(id=withdrawal.pk, reason=withdrawal.reason)
    return withdrawal


@opens_one()
def _retry(withdrawal_id: int, by: User) -> Withdrawal:
    check_entitled(by, FILE)
    with acting_as(person(by)):
        return _asked_again(withdrawal_id, by)


def _asked_again(withdrawal_id: int, by: User) -> Withdrawal:
    failed = lock_withdrawal(withdrawal_id)
    check_status(failed, Status.FAILED)
    if again := Withdrawal.objects.filter(retry_of=failed).first():
        raise RetriedAlready(id=again.pk)
    return request_withdrawal(
        user=failed.user,
        asset=failed.asset,
        amount=failed.amount,
        address=failed.address,
        source=SOURCE,
        requested_by=by,
        reference_id=failed.reference_id,
        retry_of=failed,
    )
