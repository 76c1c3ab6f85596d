"""What must always hold of risk."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

OF_ANOTHER_VERSION: Final = """
    SELECT event.id, event.policy_id AS decided_by, event.decided_at
    FROM risk_events AS event
    WHERE event.policy_id IS DISTINCT FROM (
        SELECT max(policy.version) FROM risk_policies AS policy WHERE policy.valid_from <= event.decided_at
    )
"""

catalogue.add(
    Invariant(
        "K1",
        "Every risk decision was made by the version of the policy that was in force at its time.",
        query=OF_ANOTHER_VERSION,
        since_query=f"{OF_ANOTHER_VERSION} AND event.xid >= %(since)s::text::xid8",
    )
)
