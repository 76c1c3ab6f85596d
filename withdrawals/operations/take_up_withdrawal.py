"""Tell colleagues that one is looking at a request."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import NotAllowed, Refusal
from aeghash.core.models import User
from aeghash.core.transactions import opens_one
from withdrawals.models import CLOSED, DeskClaim, Withdrawal
from withdrawals.operations.step import InvalidState, WithdrawalNotFound
from withdrawals.rights import APPROVE, RECORD, REJECT, RESOLVE

LOOKING_LASTS: Final = timedelta(minutes=5)
MAY_TAKE_UP: Final = (APPROVE, REJECT, RESOLVE, RECORD)


class TakenUp(Refusal):
    code = "taken_up"
    sentence = _("%(name)s is looking at this request.")


@opens_one()
def take_up_withdrawal(*, withdrawal_id: int, by: User) -> DeskClaim:
    """For some minutes; one's own is prolonged. It binds nobody: who decides is settled by the request's own lock.

    Refuses: somebody who may decide nothing (`permission_denied`), a request that is over (`invalid_state`), one that
    somebody else is looking at (`taken_up`).
    """
    _check_may_decide(by)
    withdrawal = Withdrawal.objects.filter(pk=withdrawal_id).first()
    if withdrawal is None:
        raise WithdrawalNotFound
    if withdrawal.status in CLOSED:
        raise InvalidState(withdrawal)
    return _claimed(withdrawal, by)


def _check_may_decide(by: User) -> None:
    person = User.objects.get(pk=by.pk)
    if not any(map(person.has_perm, MAY_TAKE_UP)):
        raise NotAllowed


def _claimed(withdrawal: Withdrawal, by: User) -> DeskClaim:
    """Of several at one instant the key lets one insert, and the condition one update."""
    now = clock.now()
    free = DeskClaim.objects.filter(Q(by=by) | Q(until__lte=now), withdrawal=withdrawal)
    if not free.update(by=by, until=now + LOOKING_LASTS):
        claim = DeskClaim(withdrawal=withdrawal, by=by, until=now + LOOKING_LASTS)
        DeskClaim.objects.bulk_create([claim], ignore_conflicts=True)
    claim = DeskClaim.objects.select_related("by").get(withdrawal=withdrawal)
    if claim.by_id != by.pk:
        raise TakenUp(name=claim.by.name or claim.by.email)
    return claim
