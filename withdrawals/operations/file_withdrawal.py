"""What staff do for a member: file a request, take it back."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import User
from aeghash.core.operations.propose import check_entitled
from aeghash.core.transactions import opens_one
from organization.queries.members import MemberNotFound
from wallets.models import Asset
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.request_withdrawal import RiskBlocked, request_withdrawal
from withdrawals.rights import FILE

SOURCE: Final = "staff"
NOT_PAID: Final = (Status.REJECTED, Status.CANCELLED, Status.FAILED)


class ReferenceUsed(Refusal):
    code = "reference_used"
    sentence = _("Request #%(id)s of this member was filed under this reference already.")
    members = ("id",)


def file_withdrawal(
    *, by: User, uid: str, asset: str, amount: Decimal, address: str | None = None, reference_id: str = ""
) -> Withdrawal:
    """Filed again under one's own reference, since the first answer was lost, it isn't there twice; without one it is.

    Refuses: somebody without the right (`permission_denied`), an unknown member (`member_not_found`) or asset
    (`validation_error`), a reference under which a request of this member is under way or paid (`reference_used`), a risk
    block (`risk_blocked`, after the cancelled request is committed); and what every request is refused for.
    """
    withdrawal = _file(by, uid, asset, amount, address, reference_id)
    if withdrawal.status == Status.CANCELLED:
        raise RiskBlocked(id=withdrawal.pk, reason=withdrawal.reason)
    return withdrawal


@opens_one()
def _file(by: User, uid: str, asset: str, amount: Decimal, address: str | None, reference_id: str) -> Withdrawal:
    check_entitled(by, FILE)
    user = (
        User.objects.select_for_update(no_key=True).filter(uid=uid).first()
    )  # two at once: the second finds the first's
    if user is None:
        raise MemberNotFound(uid=uid)
    kind = Asset.objects.filter(symbol=asset).first()
    if kind is None:
        raise Invalid(field="asset", reason=_("is none that we know."))
    if reference_id:
        _check_unused(user, reference_id)
    with acting_as(person(by)):
        return request_withdrawal(
            user=user,
            asset=kind,
            amount=amount,
            address=address,
            source=SOURCE,
            requested_by=by,
            reference_id=reference_id,
        )


def _check_unused(user: User, reference_id: str) -> None:
    filed = Withdrawal.objects.filter(source=SOURCE, user=user, reference_id=reference_id)
    if there := filed.exclude(status__in=NOT_PAID).first():
        raise ReferenceUsed(id=there.pk)


@opens_one()
def take_back_withdrawal(*, withdrawal_id: int, by: User, reason: str = "") -> Withdrawal:
    """Refuses: somebody without the right (`permission_denied`), and what `cancel_withdrawal` refuses."""
    check_entitled(by, FILE)
    with acting_as(person(by)):
        return cancel_withdrawal(withdrawal_id=withdrawal_id, reason=reason)
