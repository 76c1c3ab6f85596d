"""The one writer of a withdrawal's status."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.operations.record import INSERT as TRAIL
from aeghash.core.operations.record import audit_fields
from aeghash.core.transactions import needs_one
from withdrawals.models import EDGES, Action, Status, Withdrawal

VERBS: Final = {Action.APPROVED_STAGE1: "approved_first"}  # the trail's verbs have no digits

LINE: Final = """
    INSERT INTO withdrawal_audit_logs (
        withdrawal_id, action, status, version, actor_kind, actor_id, actor_label, reason, findings, details, at
    ) VALUES (
        %(id)s, %(action)s, %(status)s, %(version)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(said)s, %(findings)s,
        %(details)s, %(at)s
    )
"""
# The row, its log and the audit trail at once: no request is paid without four of these, and as three statements of the ORM
# each would cost four times as much.
STEP: Final = f"""
    WITH trail AS ({TRAIL}), line AS ({LINE})
    UPDATE withdrawal_requests SET {{columns}} WHERE id = %(id)s
"""  # noqa: S608 - our own words


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
    before, now = Status(withdrawal.status), clock.now()
    if to not in EDGES[before]:
        raise InvalidState(withdrawal)
    fields |= {"status": to, "version": withdrawal.version + 1, "moved_at": now, "updated_at": now, "reason": reason}
    for name, value in fields.items():
        setattr(withdrawal, name, value)
    columns = _columns(withdrawal, fields)
    trail = audit_fields(
        f"withdrawal.{VERBS.get(action, action)}",
        object_type=withdrawal._meta.label_lower,
        before={"status": before},
        after={"status": to, "version": withdrawal.version},
        reason=reason,
    )
    _execute(
        STEP.format(columns=", ".join(f"{name} = %(new_{name})s" for name in columns)),
        {f"new_{name}": value for name, value in columns.items()}
        | _line(withdrawal, action, reason, findings, details)
        | trail
        | {"object_id": str(withdrawal.pk)},
    )
    return withdrawal


@needs_one()
def write_down(
    withdrawal: Withdrawal,
    action: Action,
    *,
    reason: str = "",
    findings: Iterable[Mapping[str, Any]] = (),
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line of the request's own log, while its row is locked, for what is no step."""
    _execute(LINE, _line(withdrawal, action, reason, findings, details))


def _line(
    withdrawal: Withdrawal,
    action: Action,
    reason: str,
    findings: Iterable[Mapping[str, Any]],
    details: Mapping[str, Any] | None,
) -> dict[str, Any]:
    actor = current_actor()
    return {
        "id": withdrawal.pk,
        "action": str(action),
        "status": str(withdrawal.status),
        "version": withdrawal.version,
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "said": str(reason),  # in full: the trail masks it
        "findings": json.dumps(list(findings)),
        "details": json.dumps(dict(details or {})),
        "at": clock.now(),
    }


def _columns(withdrawal: Withdrawal, names: Iterable[str]) -> dict[str, Any]:
    fields: list[Any] = [withdrawal._meta.get_field(name) for name in names]
    return {field.column: field.get_db_prep_save(getattr(withdrawal, field.attname), connection) for field in fields}


def _execute(statement: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
