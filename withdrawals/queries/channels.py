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


def payment_of(withdrawal: Withdrawal, *, number: int) -> Payment:
    """POINT is paid as USDT; HashDam pays into the company's own account, so it is told no address."""
    policy = AssetPolicy.objects.get(asset=withdrawal.asset_id)
    return Payment(
        reference=f"withdrawal:{withdrawal.pk}:{number}",
        asset=policy.paid_as_id,
        amount=withdrawal.amount,
        address=(withdrawal.address or "") if withdrawal.channel == Name.MBLOCK else "",
    )


def attempt_of(row: WithdrawalAttempt) -> Attempt:
    return Attempt(payment=payment_of(row.withdrawal, number=row.number), mark=row.mark)
