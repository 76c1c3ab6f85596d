"""The one way onto the audit trail."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, models
from django.db.transaction import TransactionManagementError

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.audit.masking import masked, masked_text
from aeghash.core.audit.values import plain, plain_text
from aeghash.core.middleware import current_request_id

# Not through the ORM: every act of the product pays for this statement, and building it anew would cost three times as
# much as running it.
INSERT: Final = """
    INSERT INTO audit_rows (
        at, actor_kind, actor_id, actor_label, verb, object_type, object_id, before, after, reason, request_id
    ) VALUES (
        %(at)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(verb)s, %(object_type)s, %(object_id)s,
        %(before)s, %(after)s, %(reason)s, %(request_id)s
    )
"""


def record(
    verb: str,
    *,
    of: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write down what the current actor does, in the transaction that does it: neither stays without the other.

    `before` and `after` hold fields by name; those that are equal in both are left out, secrets and personal data
    masked. Raises outside of a transaction, when nobody acts, and for values without one way to be written (floats).
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("record() belongs into the transaction of the act it records.")
    named = audit_fields(
        verb, object_type=of._meta.label_lower if of else "", before=before, after=after, reason=reason
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {**named, "object_id": str(of.pk) if of else ""})


def audit_fields(
    verb: str,
    *,
    object_type: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> dict[str, str]:
    """A row's columns but for the object's number: for functions in the database that take their audit row along."""
    actor = current_actor()
    old, new = changed(before or {}, after or {})
    return {
        "at": clock.now().isoformat(),
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "verb": verb,
        "object_type": object_type,
        "before": as_json(old),
        "after": as_json(new),
        "reason": plain_text(masked_text(reason)),
        "request_id": current_request_id(),
    }


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Judged before masking: two addresses may look the same through their masks, and the change must show."""
    same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
    return without(before, same), without(after, same)


def without(fields: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def as_json(fields: Mapping[str, Any]) -> str:
    return json.dumps({name: plain(masked(value, name)) for name, value in fields.items()})
