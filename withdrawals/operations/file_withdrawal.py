"""What staff do for a member: file a request, take it back."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid, NotAllowed, NotFound
from aeghash.core.models import User
from aeghash.core.transactions import opens_one
from wallets.models import Asset
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.request_withdrawal import RiskBlocked, request_withdrawal

SOURCE = "staff"


class MemberNotFound(NotFound):
    code = "member_not_found"
    sentence = _("There is no such member.")


def file_withdrawal(
    *, by: User, uid: str, asset: str, amount: Decimal, address: str | None = None, reference_id: str = ""
) -> Withdrawal:
    """Refuses: somebody without the right (`permission_denied`), an unknown member (`member_not_found`) or asset
    (`validation_error`), a risk block (`risk_blocked`, after the cancelled request is committed); and what every request is
    refused for.
    """
    withdrawal = _file(by, uid, asset, amount, address, reference_id)
    if withdrawal.status == Status.CANCELLED:
        raise RiskBlocked(id=withdrawal.pk, reason=withdrawal.reason)
    return withdrawal


@opens_one()
def _file(by: User, uid: str, asset: str, amount: Decimal, address: str | None, reference_id: str) -> Withdrawal:
    check_may_file(by)
    user = User.objects.filter(uid=uid).first()
    if user is None:
        raise MemberNotFound
    kind = Asset.objects.filter(symbol=asset).first()
    if kind is None:
        raise Invalid(field="asset", reason=_("is none that we know."))
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


@opens_one()
def take_back_withdrawal(*, withdrawal_id: int, by: User, reason: str = "") -> Withdrawal:
    """Refuses: somebody without the right (`permission_denied`), and what `cancel_withdrawal` refuses."""
    check_may_file(by)
    with acting_as(person(by)):
        return cancel_withdrawal(withdrawal_id=withdrawal_id, reason=reason)


def check_may_file(by: User) -> None:
    if not User.objects.get(pk=by.pk).has_perm(rights.permission("file_withdrawals")):
        raise NotAllowed
