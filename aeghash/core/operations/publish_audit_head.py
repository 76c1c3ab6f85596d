"""Tell the end of the audit chain to somewhere nobody can take it back from.

The daily job does that by an alert. From then on `verify_audit` and invariant A1 hold
the chain against it: whoever rewrites or cuts it, with whatever rights on the database, contradicts what was told.
"""

from django.db import transaction

from aeghash.core import clock
from aeghash.core.audit.chain import FIRST_PREVIOUS
from aeghash.core.models import AuditHead, AuditSeal, Severity
from aeghash.core.operations.raise_alert import raise_alert


def tell_audit_head() -> None:
    """Daily, as an alert that nobody has to do anything about."""
    with transaction.atomic():
        sentence = publish_audit_head()
        raise_alert(key=f"audit.head.{clock.today()}", severity=Severity.INFO, sentence=sentence)


@transaction.atomic
def publish_audit_head() -> str:
    """Keep the head as told, and return the sentence to send. An empty chain has a head too: number 0.

    Kept before it is sent: a head that was kept and never arrived says nothing false, one that arrived and wasn't kept
    would not be checked against.
    """
    last = AuditSeal.objects.order_by("number").last()
    number, digest = (last.number, bytes(last.hash)) if last else (0, FIRST_PREVIOUS)
    head = AuditHead.objects.create(number=number, hash=digest)
    return (
        f"Audit trail: {head.number} rows are sealed, the last with {digest.hex()} ({head.told_at:%Y-%m-%d %H:%M} UTC)."
    )
