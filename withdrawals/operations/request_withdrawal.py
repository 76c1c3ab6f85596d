"""Ask for a payout: the money is held, the request is judged, and waits for its approvals."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import User
from aeghash.core.money import round_down
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from risk.findings import RiskDecision
from risk.operations.evaluate import Subject, evaluate
from risk.severities import Decision, Severity
from wallets.models import Asset
from wallets.operations.hold import hold
from withdrawals.addresses import written_alike
from withdrawals.models import Action, Channel, Status, Withdrawal
from withdrawals.operations.step import write_down
from withdrawals.queries.figures import risk_context
from withdrawals.queries.limits import check_address, check_limits, policy_of

NEXT_ID = "SELECT withdrawals_next_id()"


class RiskBlocked(Refusal):
    """Raised by the callers, once the cancelled request is committed."""

    code = "risk_blocked"
    status = 422
    sentence = _("The request was blocked: %(reason)s")
    members = ("id",)


class MemberInactive(Refusal):
    code = "member_inactive"
    status = 422
    sentence = _("The member is not active: nothing is paid to them.")


class AddressMissing(Refusal):
    code = "address_not_whitelisted"
    status = 422
    sentence = _("This asset is paid to an address: give one of the member's payout addresses.")


@needs_one()
def request_withdrawal(
    *,
    user: User,
    asset: Asset,
    amount: Decimal,
    source: str,
    address: str | None = None,
    requested_by: User | None = None,
    reference_id: str = "",
    ip: str | None = None,
    device_id: str = "",
    retry_of: Withdrawal | None = None,
) -> Withdrawal:
    """Part of the caller's transaction: a partner's call commits it with its own record.

    A risk block leaves a `cancelled` request with its reason and no hold, which the caller must commit and then tell as
    `risk_blocked`. Refuses, leaving nothing: an amount with more places than can be paid (`validation_error`), more than is
    available (`insufficient_balance`), a limit (`withdrawal_limit_exceeded`), a member who isn't active (`member_inactive`),
    an address that isn't usable (`address_not_whitelisted`).
    """
    policy = policy_of(asset)
    _check_places(asset, amount)
    # A member's requests queue here: each must see what the one before asked for. Before balances in the order of locks.
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        raise MemberInactive
    check_limits(user, policy, amount)
    if policy.channel == Channel.MBLOCK and address is None:
        raise AddressMissing
    address = address and written_alike(policy.channel, address)
    check_address(user, asset, address)
    asked = {
        "pk": _next_id(),
        "user": user,
        "asset": asset,
        "amount": amount,
        "fee": policy.fee_on_top,
        "address": address,
        "channel": policy.channel,
        "approvals_needed": 2 if settings.WITHDRAWAL_TWO_STEP_REQUIRED else 1,
        "source": source,
        "requested_by": requested_by,
        "reference_id": reference_id,
        "ip": ip,
        "device_id": device_id,
        "retry_of": retry_of,
        "requested_at": clock.now(),
    }
    return _judged(asked)


def _check_places(asset: Asset, amount: Decimal) -> None:
    if round_down(amount, asset.withdrawal_places) != amount:
        places = {"places": asset.withdrawal_places}
        raise Invalid(field="amount", reason=_("has more than %(places)s decimal places.") % places)


def _next_id() -> int:
    """Known before the row is written, since its hold is named after it and comes first."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_ID)
        return int(cursor.fetchone()[0])


def _judged(asked: dict[str, Any]) -> Withdrawal:
    """Risk comes first: what it notes must not wait for a balance that somebody else holds."""
    subject = Subject("withdrawal", str(asked["pk"]))
    known = {name: asked[name] for name in ("user", "asset", "amount", "address", "ip", "device_id")}
    decision = evaluate(risk_context(**known, at=asked["requested_at"]), subject=subject)
    findings = [finding.as_json() for finding in decision.findings]
    asked |= {"is_flagged": decision.decision != Decision.ALLOW, "findings": findings}
    if decision.decision == Decision.BLOCK:
        return _blocked(asked, decision)
    asked["hold_id"] = hold(
        reference=f"withdrawal:{asked['pk']}",
        asset=asked["asset"].symbol,
        amount=asked["amount"] + asked["fee"],
        source=asked["user"].pk,
    )
    withdrawal = _written(asked, Status.PENDING)
    write_down(withdrawal, Action.REQUESTED, findings=findings)
    if withdrawal.is_flagged:
        write_down(withdrawal, Action.FLAGGED, findings=findings)
    return withdrawal


def _blocked(asked: dict[str, Any], decision: RiskDecision) -> Withdrawal:
    """In the words of the house's language: staff and partners read the same reason."""
    with translation.override("en"):
        worst = [finding.text() for finding in decision.findings if finding.severity == Severity.BLOCK]
    withdrawal = _written(asked | {"reason": " ".join(worst)}, Status.CANCELLED)
    write_down(withdrawal, Action.CANCELLED, reason=withdrawal.reason, findings=asked["findings"])
    return withdrawal


def _written(asked: dict[str, Any], status: Status) -> Withdrawal:
    withdrawal = Withdrawal.objects.create(**asked, status=status)
    record(
        f"withdrawal.{'requested' if status == Status.PENDING else 'blocked'}", of=withdrawal, after=_told(withdrawal)
    )
    return withdrawal


def _told(withdrawal: Withdrawal) -> dict[str, Any]:
    names = ("user_id", "asset_id", "amount", "fee", "address", "channel", "status", "digest", "source")
    return {name: getattr(withdrawal, name) for name in names}
