from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.walk_transaction import walk


def fail_transaction(row: WalletTransaction, *, reason: str) -> None:
    """Of a locked row, with proof that nothing was sent."""
    walk(row, TransactionStatus.FAILED, reason=reason)
    raise_alert(
        key=f"wallets.failed:{row.pk}",
        severity=Severity.WARNING,
        sentence=_("A token transfer has failed. Nothing was sent."),
        transfer=row.pk,
        reason=reason,
        amount=f"{row.amount:f} {row.asset_id}",
    )
