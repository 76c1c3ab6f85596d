"""Why nothing at all may be submitted just now."""

from aeghash.core.queries import kill_switch
from mining.queries.orphans import orphans
from withdrawals.queries.submission_lock import why_locked


def why_stopped() -> str:
    """Empty: go on. Asked of the database each time, right before a call."""
    if kill_switch.is_on():
        return "the kill switch is on"
    return why_locked() or next(iter(unexplained()), "")


def unexplained() -> list[str]:
    """What the remotes show and nobody has explained: treated as theft until somebody does."""
    return [f"HashDam shows withdrawal {row.remote_id}, which is nobody's" for row in orphans()[:100]]
