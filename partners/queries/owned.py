"""What is a partner's own. Another's isn't there."""

from typing import Final

from aeghash.core.prepared import Prepared
from organization.models import Member, Order
from organization.queries.members import MemberNotFound, root_member
from partners.models import Partner
from partners.refusals import OrderNotFound
from withdrawals.models import Withdrawal
from withdrawals.operations.step import WithdrawalNotFound

MEMBER: Final = Prepared[Member](
    lambda uid, slug: Member.objects.select_related("user").filter(user__uid=uid, brought_by__partner__slug=slug),
    values=2,
)


def own_member(partner: Partner, uid: str) -> Member:
    found = None
    if can_be_stored(uid):
        found = MEMBER.first(uid, partner.slug)
    if found is None:
        raise MemberNotFound(uid=uid)
    return found


def sponsor_for(partner: Partner, uid: str | None) -> Member | None:
    """Who names nobody stands under the company; whoever is the very first is the company."""
    if uid is not None:
        return own_member(partner, uid)
    try:
        return root_member()
    except MemberNotFound:
        return None


def own_order(partner: Partner, order_id: str) -> Order:
    found = None
    if can_be_stored(order_id):
        orders = Order.objects.select_related("buyer__user", "center__user", "refund")
        found = orders.filter(source=partner.slug, source_id=order_id).first()
    if found is None:
        raise OrderNotFound(order_id=order_id)
    return found


def own_withdrawal(partner: Partner, withdrawal_id: int) -> Withdrawal:
    found = Withdrawal.objects.select_related("user").filter(pk=withdrawal_id, source=partner.slug).first()
    if found is None:
        raise WithdrawalNotFound
    return found


def can_be_stored(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)
