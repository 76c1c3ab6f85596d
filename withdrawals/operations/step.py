"""The one writer of a withdrawal's status."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from withdrawals.models import EDGES, Action, Status, Withdrawal, WithdrawalLog

VERBS: Final = {Action.APPROVED_STAGE1: "approved_first"}  # the trail's verbs have no digits


class WithdrawalNotFound(NotFound):
    code = "withdrawal_not_found"
    sentence = _("There is no such withdrawal.")


class InvalidState(Refusal):
    code = "invalid_state"
    sentence = _("The request is “%(status)s” by now: this can't be done any more.")

    def __init__(self, withdrawal: Withdrawal) -> None:
        super().__init__(status=withdrawal.get_status_display())


class VersionConflict(Refusal):
    code = "version_conflict"
    sentence = _("The request has changed since it was shown. Look at it again.")


@needs_one()
def lock_withdrawal(withdrawal_id: int) -> Withdrawal:
    """Every step begins here. Refuses what doesn't exist (`withdrawal_not_found`)."""
    found = Withdrawal.objects.select_for_update(of=("self",), no_key=True).filter(pk=withdrawal_id).first()
    if found is None:
        raise WithdrawalNotFound
    return found


def check_status(withdrawal: Withdrawal, *allowed: Status) -> None:
    if withdrawal.status not in allowed:
        raise InvalidState(withdrawal)


@needs_one()
def step(
    withdrawal: Withdrawal,
    to: Status,
    action: Action,
    *,
    reason: str = "",
    findings: Iterable[Mapping[str, Any]] = (),
    details: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Withdrawal:
    """Takes a locked request one step further, and writes it down in its own log and on the audit trail.

    Refuses a step that the life of a withdrawal doesn't know (`invalid_state`).
    """
    before = Status(withdrawal.status)
    if to not in EDGES[before]:
        raise InvalidState(withdrawal)
    fields |= {"status": to, "version": withdrawal.version + 1, "moved_at": clock.now(), "reason": reason}
    withdrawal.update(**fields)
    write_down(withdrawal, action, reason=reason, findings=findings, details=details)
    record(
        f"withdrawal.{VERBS.get(action, action)}",
        of=withdrawal,
        before={"status": before},
        after={"status": to, "version": withdrawal.version},
        reason=reason,
    )
    return withdrawal


def write_down(
    withdrawal: Withdrawal,
    action: Action,
    *,
    reason: str = "",
    findings: Iterable[Mapping[str, Any]] = (),
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line of the request's own log, while its row is locked."""
    actor = current_actor()
    WithdrawalLog.objects.create(
        withdrawal=withdrawal,
        action=action,
        status=withdrawal.status,
        version=withdrawal.version,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        reason=reason,
        findings=list(findings),
        details=dict(details or {}),
    )
