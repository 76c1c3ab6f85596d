"""Look at the invariants, and raise an alert for each that is broken."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.catalogue import Finding
from aeghash.core.models import Severity
from aeghash.core.operations.check_invariants import check_invariants
from aeghash.core.operations.raise_alert import raise_alert


def alert_of_violations(*, since_watermark: bool) -> list[Finding]:
    """Those that are broken. The look is one snapshot; the alerts come in a transaction of their own after it."""
    findings = check_invariants(since_watermark=since_watermark)
    broken = [finding for finding in findings if not finding.holds]
    with transaction.atomic():
        for finding in broken:
            raise_alert(
                key=f"invariant.{finding.invariant.id}",
                severity=Severity.CRITICAL,
                sentence=_("Invariant %(id)s is broken: `manage.py check_invariants` names the rows.")
                % {"id": finding.invariant.id},
                promise=finding.invariant.sentence,
                first_row=finding.violations[0],
            )
    return broken
