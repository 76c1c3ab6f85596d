"""What a policy lets through. Asked when a request is made, and again when it is about to be paid."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.money import format_amount
from bonus.queries.cap import caps
from wallets.models import Asset
from withdrawals.models import AssetPolicy, PayoutAddress
from withdrawals.queries.figures import NOTHING, asked_for_ever, asked_in_a_day

POINT: Final = "POINT"


class LimitExceeded(Refusal):
    code = "withdrawal_limit_exceeded"
    status = 422
    sentence = _("%(reason)s")


class CapReached(Refusal):
    code = "withdrawal_limit_exceeded"
    status = 422
    sentence = _(
        "Of bonus, only a part of what the member has bought can be withdrawn, ever: %(cap)s POINT, with what is asked "
        "for already."
    )


class NotWithdrawable(Refusal):
    code = "withdrawal_limit_exceeded"
    status = 422
    sentence = _("This asset can't be withdrawn at present.")


class AddressNotWhitelisted(Refusal):
    code = "address_not_whitelisted"
    status = 422
    sentence = _("The address isn't among the member's payout addresses, or can't be used yet.")


def policy_of(asset: Asset) -> AssetPolicy:
    """Refuses an asset that nobody has said how to pay out (`withdrawal_limit_exceeded`)."""
    policy = AssetPolicy.objects.select_related("asset").filter(asset=asset).first()
    if policy is None:
        raise NotWithdrawable
    return policy


def check_limits(user: User, policy: AssetPolicy, amount: Decimal, *, asked_at: datetime | None = None) -> None:
    """`asked_at`: of a request that is there already, and is judged as it was then, by the policy of now."""
    if not policy.is_enabled:
        raise NotWithdrawable
    if policy.least is not None and amount < policy.least:
        raise LimitExceeded(reason=_("The least amount is %(amount)s.") % {"amount": format_amount(policy.least, 0)})
    if policy.most is not None and amount > policy.most:
        raise LimitExceeded(reason=_("The most at once is %(amount)s.") % {"amount": format_amount(policy.most, 0)})
    check_cap(user.pk, policy.asset_id, more=NOTHING if asked_at else amount)
    if policy.most_a_day is not None:
        asked = asked_in_a_day(user, policy.asset, asked_at or clock.now())
        if asked + (0 if asked_at else amount) > policy.most_a_day:
            most = format_amount(policy.most_a_day, 0)
            raise LimitExceeded(reason=_("The most in 24 hours is %(amount)s.") % {"amount": most})


def check_cap(user_id: int, asset: str, *, more: Decimal = NOTHING) -> None:
    """POINT alone has one: what was asked for, and `more`, against a part of the member's own purchases (`CapReached`).

    Asked at the request, at its last approval, and at the claim: a refund in between takes from what may be paid.
    """
    if asset != POINT:
        return
    cap = caps([user_id])[user_id]
    if asked_for_ever(user_id, asset) + more > cap:
        raise CapReached(cap=format_amount(cap, 0))


def check_address(user: User, asset: Asset, address: str | None) -> None:
    if address is None:
        return
    book = PayoutAddress.objects.filter(user=user, asset=asset, address=address, usable_from__lte=clock.now())
    if not book.exists():
        raise AddressNotWhitelisted
