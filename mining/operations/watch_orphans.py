from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.money import format_amount
from aeghash.core.operations.raise_alert import raise_alert
from mining.queries.orphans import orphans


@transaction.atomic
def watch_orphans() -> int:
    """How many there are; people are told. While there is one, the channel submits nothing."""
    found = list(orphans().order_by("made_at"))
    for row in found:
        raise_alert(
            key=f"mining.orphan:{row.remote_id}",
            severity=Severity.CRITICAL,
            sentence=_(
                "The pool shows a withdrawal that is not ours. Payouts of coins are stopped until it is explained."
            ),
            withdrawal=row.remote_id,
            coin=row.coin,
            amount=format_amount(row.amount, 0),
            made_at=row.made_at,
        )
    return len(found)
