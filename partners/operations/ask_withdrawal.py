"""A partner asks for a member's payout, and takes it back."""

from decimal import Decimal

from partners.inbound import Answer, Context
from partners.queries.owned import own_member, own_withdrawal
from partners.queries.shown import withdrawal_document
from partners.refusals import unknown_asset
from wallets.models import Asset
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.request_withdrawal import RiskBlocked, request_withdrawal


def ask_withdrawal(
    context: Context,
    *,
    uid: str,
    asset: str,
    amount: Decimal,
    address: str | None = None,
    reference_id: str = "",
    ip: str | None = None,
    device_id: str = "",
) -> Answer:
    """A risk block is an answer (422 `risk_blocked`) and no exception: its cancelled request is committed with it."""
    member = own_member(context.partner, uid)
    kind = Asset.objects.filter(symbol=asset).first()
    if kind is None:
        raise unknown_asset()
    withdrawal = request_withdrawal(
        user=member.user,
        asset=kind,
        amount=amount,
        source=context.partner.slug,
        address=address,
        reference_id=reference_id,
        ip=ip,
        device_id=device_id,
    )
    if withdrawal.status == Status.CANCELLED:
        return blocked(withdrawal)
    return Answer(201, withdrawal_document(withdrawal), ("withdrawal", withdrawal.pk))


def blocked(withdrawal: Withdrawal) -> Answer:
    refusal = RiskBlocked(id=withdrawal.pk, reason=withdrawal.reason)
    return Answer(refusal.status, {}, ("withdrawal", withdrawal.pk), refusal=refusal)


def take_withdrawal_back(context: Context, *, reason: str = "") -> Answer:
    """Refuses what isn't the partner's (`withdrawal_not_found`), and what is approved (`invalid_state`)."""
    withdrawal = own_withdrawal(context.partner, int(context.arguments["withdrawal_id"]))
    cancelled = cancel_withdrawal(withdrawal_id=withdrawal.pk, reason=reason)
    cancelled.user = withdrawal.user
    return Answer(200, withdrawal_document(cancelled), ("withdrawal", cancelled.pk))
