"""Bind a request to the remote's row that turned out to be its own."""

from collections.abc import Mapping
from typing import Any

from aeghash.core import clock
from aeghash.core.transactions import needs_one
from withdrawals.models import Action, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.step import step


def is_taken(withdrawal: Withdrawal, remote_id: str) -> bool:
    others = Withdrawal.objects.exclude(pk=withdrawal.pk)
    return others.filter(channel=withdrawal.channel, remote_id=remote_id).exists()


@needs_one()
def bind_remote_id(
    withdrawal: Withdrawal, attempt: WithdrawalAttempt, remote_id: str, *, evidence: Mapping[str, Any]
) -> Withdrawal:
    """From `unknown` or `manual-review` to `submitted`. The caller has seen that it is ours; the database refuses a number
    that another request has.
    """
    keep_evidence(attempt, evidence)
    attempt.remote_id = remote_id
    attempt.save(update_fields=["remote_id"])
    return step(
        withdrawal, Status.SUBMITTED, Action.RECONCILED, remote_id=remote_id, details={"evidence": dict(evidence)}
    )


def keep_evidence(attempt: WithdrawalAttempt, evidence: Mapping[str, Any]) -> None:
    """What was found, once, with its time; the same finding over and over is one line."""
    line = {"found": dict(evidence), "at": clock.now().isoformat()}
    if evidence and (not attempt.evidence or attempt.evidence[-1]["found"] != line["found"]):
        attempt.evidence = [*attempt.evidence, line]
        attempt.save(update_fields=["evidence"])
