"""Judge a request for a payout."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from aeghash.core import clock
from aeghash.core.audit.masking import partly_masked_email
from aeghash.core.audit.values import plain
from aeghash.core.models import Severity as AlertSeverity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.texts import storable
from aeghash.core.transactions import needs_one
from risk.case import Case
from risk.context import RiskContext
from risk.findings import Finding, RiskDecision
from risk.models import Policy, RiskEvent
from risk.operations.judge import judge
from risk.operations.look_up import look_up
from risk.operations.policy_lock import hold_policy_still
from risk.queries import policy_at
from risk.severities import Decision, decision_of

LONGEST_KEPT: Final = 255


@dataclass(frozen=True)
class Subject:
    """What a decision is about, in the words of whoever asks for it: ("withdrawal", "4711")."""

    kind: str
    id: str


NO_SUBJECT: Final = Subject("", "")


@needs_one()
def evaluate(context: RiskContext, *, subject: Subject = NO_SUBJECT) -> RiskDecision:
    """Decides by the policy in force now, and writes the decision down with its findings, in the caller's transaction.

    What can't be looked up or judged is reviewed, never let through. Raises Invalid for a context that isn't right (when
    it is made), and the database's errors where the connection is gone. The device's row stays locked until the commit:
    call this before the balances are locked.
    """
    hold_policy_still()
    now = clock.now()
    policy = policy_at(now)
    case = look_up(context=context, figures=policy.read(), now=now)
    findings = judge(case)
    decision = decision_of(finding.severity for finding in findings)
    event = _written(case, policy, decision, findings, subject)
    if decision != Decision.ALLOW:
        _alert(event, context, findings)
    return RiskDecision(decision=decision, findings=findings, event_id=event.pk, policy_version=policy.version)


def _written(
    case: Case, policy: Policy, decision: Decision, findings: tuple[Finding, ...], subject: Subject
) -> RiskEvent:
    context = case.context
    return RiskEvent.objects.create(
        user_id=context.user_id,
        decision=decision,
        policy=policy,
        findings=[finding.as_json() for finding in findings],
        context={name: _kept(value) for name, value in asdict(context).items()},
        asset=context.asset,
        amount=context.amount,
        address=case.address or "",
        ip=None if case.ip is None else str(case.ip),
        device_id=case.device_id or "",
        subject_kind=subject.kind,
        subject_id=subject.id,
        requested_at=context.at,
        decided_at=case.decided_at,
    )


def _kept(value: Any) -> Any:
    """What came from outside may be as long as it likes."""
    if isinstance(value, str) and len(value) > LONGEST_KEPT:
        return f"{storable(value[:LONGEST_KEPT])}…"
    return plain(value)


def _alert(event: RiskEvent, context: RiskContext, findings: tuple[Finding, ...]) -> None:
    """One open alert a member and decision, however often: its count goes up."""
    is_block = event.decision == Decision.BLOCK
    with translation.override(settings.LANGUAGE_CODE):
        said = _said(is_block) % {"uid": partly_masked_email(context.uid)}
        worst = [finding.text() for finding in findings if finding.severity == event.decision]
    raise_alert(
        key=f"risk.{event.decision}.{context.user_id}",
        severity=AlertSeverity.CRITICAL if is_block else AlertSeverity.WARNING,
        sentence=" ".join((said, *worst)),
        event=event.pk,
        member=context.user_id,
    )


def _said(is_block: bool) -> str:
    return _("A payout to member %(uid)s was blocked.") if is_block else _("A payout to member %(uid)s needs a review.")
