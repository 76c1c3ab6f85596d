"""Pay coins out through the pool, from where nobody else keeps the attempts."""

from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.payouts import Attempt, NotReady, NotSent, Outcome, Payment, Refused
from aeghash.core.transactions import must_have_none
from mining.channels.hashdam import HashDamChannel
from mining.models import MiningWithdrawal, Status

ATTEMPTS: Final = 3
OVER: Final = (Status.NOT_SENT, Status.REFUSED)


class TryAgain(Exception):
    """Nothing has moved, and the same may go through later."""


@must_have_none()
def pay_out_coins(*, reference: str, coin: str, amount: Decimal) -> Outcome | None:
    """One attempt. None where there is nothing to do (any more): an attempt is open, or went through, or was refused for
    good. Raises TryAgain where nothing was sent, so that a durable job comes back, three times in all.
    """
    number = _number_of_next(reference)
    if number is None:
        return None
    channel, payment = HashDamChannel(), Payment(reference=f"{reference}#{number}", asset=coin, amount=amount)
    try:
        attempt = Attempt(payment=payment, mark=channel.prepare(payment))
        _begin(channel, attempt)
    except NotReady as not_ready:
        raise TryAgain(not_ready.reason) from None
    outcome = channel.submit(attempt)
    if isinstance(outcome, NotSent) or (isinstance(outcome, Refused) and outcome.passing):
        raise TryAgain(outcome.reason)
    if isinstance(outcome, Refused):
        _tell(reference, outcome.reason)
    return outcome


def _number_of_next(reference: str) -> int | None:
    earlier = list(MiningWithdrawal.objects.filter(reference__startswith=f"{reference}#"))
    is_over = all(row.status in OVER for row in earlier)
    return len(earlier) + 1 if is_over and len(earlier) < ATTEMPTS else None


@transaction.atomic
def _begin(channel: HashDamChannel, attempt: Attempt) -> None:
    channel.begin(attempt)
    row = MiningWithdrawal.objects.get(reference=attempt.payment.reference)
    record("mining.payout_begun", of=row, after={"coin": row.coin, "amount": row.amount, "reference": row.reference})


@transaction.atomic
def _tell(reference: str, reason: str) -> None:
    raise_alert(
        key=f"mining.payout:{reference}",
        severity=Severity.CRITICAL,
        sentence=_("HashDam has refused a payout for good."),
        reference=reference,
        reason=reason,
    )
