"""Change how an asset is paid out. Takes two people: see the act at the end."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid
from aeghash.core.models import Proposal, User
from aeghash.core.money import Sign, parse_amount
from aeghash.core.operations.propose import propose
from aeghash.core.operations.record import record
from wallets.models import Asset, AssetKind
from withdrawals.models import AssetPolicy, Channel
from withdrawals.rights import APPROVE_RULES, PROPOSE_RULES

AMOUNTS: Final = ("fee_on_top", "least", "most", "most_a_day")
LABELS: Final = {
    "is_enabled": _("can be withdrawn"),
    "channel": _("channel"),
    "paid_as": _("paid as"),
    "fee_on_top": _("fee on top"),
    "least": _("least amount"),
    "most": _("most at once"),
    "most_a_day": _("most in 24 hours"),
}


def propose_policy(*, asset: str, wanted: Mapping[str, Any], by: User, reason: str) -> Proposal:
    """Refuses what can't be paid and what changes nothing (`validation_error`); and what every proposal refuses."""
    policy = AssetPolicy.objects.select_related("asset").get(pk=asset)
    before, after = as_said(policy), read(policy.asset, wanted)
    if before == after:
        raise Invalid(field="reason", reason=_("The rules are the same as before."))
    content = {"asset": asset, "before": before, "after": after, "reason": reason}
    return propose(act=CHANGE_PAYOUT_POLICY, content=content, by=by, reason=reason)


def as_said(policy: AssetPolicy) -> dict[str, Any]:
    """As proposals keep it: amounts as text, without zeros that say nothing."""
    amounts = {name: _written(getattr(policy, name)) for name in AMOUNTS}
    return {"is_enabled": policy.is_enabled, "channel": policy.channel, "paid_as": policy.paid_as_id, **amounts}


def read(asset: Asset, wanted: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {name: _amount(asset, name, wanted[name]) for name in AMOUNTS}
    _check_order(amounts)
    _check_channel(asset, wanted["channel"], wanted["paid_as"])
    return {
        "is_enabled": bool(wanted["is_enabled"]),
        "channel": wanted["channel"],
        "paid_as": wanted["paid_as"],
        **{name: _written(amount) for name, amount in amounts.items()},
    }


def _amount(asset: Asset, name: str, text: str | None) -> Decimal | None:
    if not text:
        return Decimal(0) if name == "fee_on_top" else None
    sign = Sign.NOT_NEGATIVE if name == "fee_on_top" else Sign.POSITIVE
    return parse_amount(text, places=asset.withdrawal_places, field=name, sign=sign)


def _check_order(amounts: Mapping[str, Decimal | None]) -> None:
    """Limits that let nothing through would stop payouts without saying so."""
    given = [amount for name in ("least", "most", "most_a_day") if (amount := amounts[name]) is not None]
    if given != sorted(given):
        raise Invalid(
            field="most", reason=_("The least amount may not exceed the most, nor that the most in 24 hours.")
        )


def _check_channel(asset: Asset, channel: str, paid_as: str) -> None:
    """HashDam pays coins as themselves; MBlock pays tokens, one for one, so only a point becomes another asset."""
    token = Asset.objects.filter(symbol=paid_as, kind=AssetKind.TOKEN).exists()
    is_possible = {
        AssetKind.COIN: channel == Channel.HASHDAM and paid_as == asset.symbol,
        AssetKind.TOKEN: channel == Channel.MBLOCK and paid_as == asset.symbol,
        AssetKind.POINT: channel == Channel.MBLOCK and token,
    }[AssetKind(asset.kind)]
    if not is_possible:
        raise Invalid(field="channel", reason=_("This asset can't be paid that way."))


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


def _execute(content: Content) -> dict[str, str]:
    policy = AssetPolicy.objects.select_for_update(of=("self",)).select_related("asset").get(pk=content["asset"])
    before, after = as_said(policy), read(policy.asset, content["after"])
    policy.is_enabled, policy.channel, policy.paid_as_id = after["is_enabled"], after["channel"], after["paid_as"]
    for name in AMOUNTS:
        setattr(policy, name, None if after[name] is None else Decimal(after[name]))
    policy.save()
    record("payout_policy.changed", of=policy, before=before, after=after, reason=content["reason"])
    return {"asset": content["asset"]}


def _described(content: Content) -> dict[Any, Any]:
    """Against what it was proposed on: what is shown stays the same once it is executed."""
    before, after = content["before"], content["after"]
    changes = {
        label: f"{shown(before[name])} → {shown(after[name])}"
        for name, label in LABELS.items()
        if before[name] != after[name]
    }
    return {_("asset"): content["asset"], **changes}


def shown(value: Any) -> Any:
    return {None: "–", True: _("yes"), False: _("no")}.get(value, value)


CHANGE_PAYOUT_POLICY: Final = declare(
    Act(
        kind="withdrawals.policy",
        label=_("Change a rule of payout"),
        may_propose=PROPOSE_RULES,
        may_approve=APPROVE_RULES,
        execute=_execute,
        seen=lambda content: as_said(AssetPolicy.objects.get(pk=content["asset"])),
        describe=_described,
    )
)
