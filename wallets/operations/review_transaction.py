"""What the machine can't settle: two people must."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations.walk_transaction import walk


def review_transaction(row: WalletTransaction, *, reason: str, **evidence: Any) -> None:
    """Of a locked row. From the commit on somebody is told; its wallet stays blocked, no other."""
    walk(row, TransactionStatus.MANUAL_REVIEW, reason=reason, evidence={**row.evidence, **evidence})
    raise_alert(
        key=f"wallets.review:{row.pk}",
        severity=Severity.CRITICAL,
        sentence=_("Whether a token transfer was sent is not known. Two people must settle it; its wallet waits."),
        transfer=row.pk,
        reason=reason,
        amount=f"{row.amount:f} {row.asset_id}",
        wallet=row.wallet.address,
    )
