"""Why nothing at all may be submitted just now."""

from functools import cache
from typing import Any

from django.db import connection

from aeghash.core.queries import kill_switch
from mining.queries.orphans import orphans
from withdrawals.queries.submission_lock import why_locked

MOST = 100


def why_stopped() -> str:
    """Empty: go on. Asked of the database each time, right before a call."""
    if kill_switch.is_on():
        return "the kill switch is on"
    return why_locked() or next(iter(unexplained()), "")


def unexplained() -> list[str]:
    """What the remotes show and nobody has explained: treated as theft until somebody does."""
    with connection.cursor() as cursor:
        cursor.execute(*_question())
        return [f"HashDam shows withdrawal {remote_id}, which is nobody's" for (remote_id,) in cursor.fetchall()]


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """Always the same, and asked before every call: building it takes longer than answering it, so it is built once."""
    return orphans().values_list("remote_id", flat=True)[:MOST].query.sql_with_params()
