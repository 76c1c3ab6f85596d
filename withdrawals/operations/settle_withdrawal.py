"""The remote has paid: the hold becomes a payout."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aeghash.core.money import round_down
from aeghash.core.transactions import needs_one
from wallets.models import SystemAccount
from wallets.operations.post import post
from wallets.operations.settle import settle
from withdrawals.models import Action, Channel, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.close_attempt import close_attempt
from withdrawals.operations.step import step


@needs_one()
def settle_withdrawal(withdrawal: Withdrawal, attempt: WithdrawalAttempt, evidence: Mapping[str, Any]) -> Withdrawal:
    """HashDam pays into the company's own account: a request with an address goes on until somebody has forwarded it, and
    until then the sum is still owed. Everything else is completed.
    """
    close_attempt(attempt)
    _book_the_remotes_fee(withdrawal, evidence)
    if withdrawal.channel == Channel.HASHDAM and withdrawal.address:
        return step(withdrawal, Status.FORWARDING, Action.FORWARDING, details={"evidence": dict(evidence)})
    return complete_withdrawal(withdrawal, details={"evidence": dict(evidence)})


def _book_the_remotes_fee(withdrawal: Withdrawal, evidence: Mapping[str, Any]) -> None:
    """What the pool took on top is the company's cost, whatever the member was charged: out of the payouts, once."""
    fee = round_down(Decimal(str(evidence.get("fee") or 0)), withdrawal.asset.places)
    if fee > 0:
        sides = {"source": SystemAccount.PAYOUTS, "target": SystemAccount.FEES}
        post(reference=f"withdrawal:{withdrawal.pk}:fee", asset=withdrawal.asset_id, amount=fee, **sides)


@needs_one()
def complete_withdrawal(withdrawal: Withdrawal, *, details: Mapping[str, Any]) -> Withdrawal:
    assert withdrawal.hold_id is not None
    settle(hold=withdrawal.hold_id, reference=f"withdrawal:{withdrawal.pk}:settle")
    return step(withdrawal, Status.COMPLETED, Action.COMPLETED, details=details)
