"""Correct a member's balance by hand. It takes two people and a reason."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from aeghash.core import ids, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid
from aeghash.core.models import User
from aeghash.core.money import Sign, format_for_staff, parse_amount
from wallets.models import Asset, SystemAccount, UnknownAsset, UnknownMember
from wallets.operations.post import post

ADJUST_BALANCES = rights.permission("adjust_balances")


def adjustment(*, uid: str, asset: str, amount: str, reason: str) -> dict[str, Any]:
    """What is proposed. The reference is of this proposal alone: agreed to twice it would still be posted once.

    Refuses: a member or an asset that isn't there, an amount of zero or with too many places, no reason.
    """
    found = Asset.objects.filter(symbol=asset).first()
    if found is None:
        raise UnknownAsset
    if not User.objects.filter(uid=uid).exists():
        raise UnknownMember
    parsed = parse_amount(amount, places=found.places, sign=Sign.ANY)
    if not parsed:
        raise Invalid(field="amount", reason=_("Zero changes nothing."))
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    reference = f"adjustment:{ids.new_uuid()}"
    return {"uid": uid, "asset": asset, "amount": amount, "reason": reason.strip(), "reference": reference}


def adjust_balance(*, uid: str, asset: str, amount: Decimal, reference: str, reason: str) -> int:
    """Up out of the issuance account, down into it. The caller has heard both people.

    Refuses: less than what is available (`insufficient_balance`), and as `post` does.
    """
    member = User.objects.filter(uid=uid).values_list("pk", flat=True).first()
    if member is None:
        raise UnknownMember
    source, target = (SystemAccount.ISSUANCE, member) if amount > 0 else (member, SystemAccount.ISSUANCE)
    return post(reference=reference, asset=asset, amount=abs(amount), source=source, target=target, reason=reason)


def _execute(content: Content) -> dict[str, Any]:
    transfer = adjust_balance(**{**content, "amount": Decimal(content["amount"])})
    return {"transfer": transfer}


def _touched(content: Content) -> list[int]:
    """Nobody adjusts a balance of their own, nor agrees to it."""
    return list(User.objects.filter(uid=content["uid"]).values_list("pk", flat=True))


def _described(content: Content) -> dict[Any, Any]:
    return {
        _("member number"): content["uid"],
        _("amount"): f"{format_for_staff(Decimal(content['amount']), 0)} {content['asset']}",
        _("reason"): content["reason"],
    }


ADJUST_BALANCE = declare(
    Act(
        kind="balance.adjust",
        label=_("Adjust a balance"),
        may_propose=ADJUST_BALANCES,
        may_approve=ADJUST_BALANCES,
        execute=_execute,
        describe=_described,
        raises=_touched,
    )
)
