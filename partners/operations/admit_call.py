"""Let a call in whose signature is good: its nonce is used up, its place in the log taken, its rate counted."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from aeghash.core import clock
from aeghash.core.middleware import current_request_id
from aeghash.core.transactions import with_db_retry
from partners.models import PartnerKey, RateMark
from partners.refusals import RateLimited, ReplayedNonce, ScopeMissing

MINUTE: Final = timedelta(minutes=1)

# One statement, one commit. The limit is a bucket that one instant describes (GCRA): the row says when it will be full
# again, and a call is taken while that lies no further ahead than the burst.
ADMIT: Final = """
    WITH admitted AS (
        INSERT INTO partner_calls (key_id, key_given, nonce, method, path, status, code, address, request_id, at)
        VALUES (
            %(key)s, %(key_given)s, %(nonce)s, %(method)s, %(path)s, 200, '', %(address)s, %(request_id)s, %(now)s
        )
        ON CONFLICT (key_id, nonce) DO NOTHING
        RETURNING id
    ), spent AS (
        INSERT INTO partner_rate_marks AS mark (key_id, full_at)
        SELECT %(key)s, %(now)s + %(step)s::interval FROM admitted WHERE %(is_counted)s
        ON CONFLICT (key_id) DO UPDATE SET full_at = greatest(mark.full_at, %(now)s) + %(step)s::interval
        WHERE greatest(mark.full_at, %(now)s) + %(step)s::interval <= %(now)s + %(room)s::interval
        RETURNING full_at
    )
    SELECT (SELECT id FROM admitted), EXISTS (SELECT FROM spent)
"""


@dataclass(frozen=True)
class Line:
    """What the log says of a call, whatever comes of it."""

    method: str
    path: str
    address: str | None
    key_given: str = ""


@with_db_retry()
def admit_call(*, key: PartnerKey, nonce: str, line: Line, scope: str, is_writing: bool) -> int:
    """Gives the row of the log. Refuses a nonce that was used (`replayed_nonce`), a scope the key lacks (`scope_missing`),
    too many writing calls (`rate_limited`); the last two have used the nonce up.

    Reading is counted elsewhere. Tried again after a lost connection, a call may find its own nonce used: its caller
    signs anew.
    """
    has_scope = not scope or scope in key.scopes
    step = MINUTE / key.partner.writes_a_minute
    values: dict[str, Any] = {
        "key": key.pk,
        "key_given": key.key_id,
        "nonce": nonce,
        "method": line.method[:8],
        "path": line.path[:500],
        "address": line.address,
        "request_id": current_request_id(),
        "now": clock.now(),
        "is_counted": is_writing and has_scope,
        "step": step,
        "room": step * key.partner.burst,
    }
    with connection.cursor() as cursor:
        cursor.execute(ADMIT, values)
        call, is_within = cursor.fetchone()
    if call is None:
        raise ReplayedNonce
    if not has_scope:
        raise ScopeMissing(scope=scope, call=call)
    if is_writing and not is_within:
        raise RateLimited(retry_after=_wait(key, step), call=call)
    return int(call)


def _wait(key: PartnerKey, step: timedelta) -> int:
    mark = RateMark.objects.get(pk=key.pk)
    over = mark.full_at + step - clock.now() - step * key.partner.burst
    return max(1, math.ceil(over.total_seconds()))
