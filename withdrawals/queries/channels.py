"""Which remote pays what, and the words in which it is asked."""

from typing import Final

from aeghash.core.payouts import Attempt, Channel, Payment
from mining.channels.hashdam import HashDamChannel
from wallets.channels.mblock import MBlockChannel
from withdrawals.models import AssetPolicy, Withdrawal, WithdrawalAttempt
from withdrawals.models import Channel as Name

CHANNELS: Final[dict[str, Channel]] = {Name.HASHDAM: HashDamChannel(), Name.MBLOCK: MBlockChannel()}


def channel_of(withdrawal: Withdrawal) -> Channel:
    return CHANNELS[withdrawal.channel]


def payout_policy_of(withdrawal: Withdrawal) -> AssetPolicy:
    return AssetPolicy.objects.select_related("asset").get(asset=withdrawal.asset_id)


def payment_of(withdrawal: Withdrawal, policy: AssetPolicy, *, number: int) -> Payment:
    """POINT is paid as USDT; HashDam pays into the company's own account, so it is told no address."""
    return Payment(
        reference=f"withdrawal:{withdrawal.pk}:{number}",
        asset=policy.paid_as_id,
        amount=withdrawal.amount,
        address=(withdrawal.address or "") if withdrawal.channel == Name.MBLOCK else "",
    )


def attempt_of(row: WithdrawalAttempt) -> Attempt:
    payment = payment_of(row.withdrawal, payout_policy_of(row.withdrawal), number=row.number)
    return Attempt(payment=payment, mark=row.mark)
