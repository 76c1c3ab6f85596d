"""The withdrawals' entries of the catalogue."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant
from aeghash.core.models.chained_log import flaws_query
from withdrawals.models import EDGES, WithdrawalLog

CLOSED: Final = "('completed', 'failed', 'rejected', 'cancelled')"
PAST_APPROVAL: Final = "('submitting', 'retrying', 'unknown', 'manual-review', 'submitted', 'forwarding', 'completed')"
STEPS: Final = ", ".join(f"('{before}', '{after}')" for before, afters in EDGES.items() for after in afters)

HOLDS: Final = f"""
    SELECT request.id, request.status, hold.id AS hold, resolution.kind AS resolved
    FROM withdrawal_requests AS request
    LEFT JOIN transfers AS hold ON hold.id = request.hold_id
    LEFT JOIN transfers AS resolution ON resolution.resolves_id = hold.id
    WHERE CASE
        WHEN request.status NOT IN {CLOSED} THEN
            hold.id IS NULL OR resolution.id IS NOT NULL OR hold.kind <> 'hold' OR hold.asset_id <> request.asset_id
            OR hold.amount <> request.amount + request.fee
            OR hold.reference <> 'withdrawal:' || request.id
            OR NOT EXISTS (SELECT FROM balances WHERE balances.id = hold.source_id AND balances.user_id = request.user_id)
        WHEN hold.id IS NULL THEN request.status <> 'cancelled'
        ELSE resolution.kind IS DISTINCT FROM (CASE request.status WHEN 'completed' THEN 'settle' ELSE 'release' END)
    END
    UNION ALL
    SELECT NULL, NULL, hold.id, NULL FROM transfers AS hold
    WHERE hold.kind = 'hold' AND starts_with(hold.reference, 'withdrawal:')
      AND NOT EXISTS (SELECT FROM withdrawal_requests AS request WHERE request.hold_id = hold.id)
"""  # noqa: S608 - our own words

REMOTE_IDS: Final = """
    SELECT request.id, request.status, request.channel, request.remote_id
    FROM withdrawal_requests AS request
    WHERE (request.status IN ('submitted', 'forwarding', 'completed') AND coalesce(request.remote_id, '') = '')
       OR EXISTS (
           SELECT FROM withdrawal_requests AS other
           WHERE other.channel = request.channel AND other.remote_id = request.remote_id AND other.id <> request.id
       )
"""

APPROVALS: Final = f"""
    SELECT request.id, request.status, request.approvals_needed, count(DISTINCT approval.approver_id) AS given
    FROM withdrawal_requests AS request
    LEFT JOIN withdrawal_approvals AS approval
        ON approval.withdrawal_id = request.id AND approval.round = request.round AND approval.digest = request.digest
       AND approval.digest = withdrawals_digest(request)
       AND approval.approver_id <> request.user_id AND approval.approver_id IS DISTINCT FROM request.requested_by_id
    WHERE request.status IN {PAST_APPROVAL}
       OR (request.status = 'failed' AND request.attempts > 0)
    GROUP BY request.id
    HAVING count(DISTINCT approval.approver_id) < request.approvals_needed
"""  # noqa: S608

ATTEMPTS: Final = """
    SELECT withdrawal_id AS id, count(*) AS open_attempts
    FROM withdrawal_attempts WHERE closed_at IS NULL GROUP BY withdrawal_id HAVING count(*) > 1
    UNION ALL
    SELECT min(attempt.withdrawal_id), count(*)
    FROM withdrawal_attempts AS attempt JOIN mining_withdrawals AS payout
        ON payout.reference = 'withdrawal:' || attempt.withdrawal_id || ':' || attempt.number
    WHERE payout.status IN ('submitting', 'unknown', 'manual-review')
    GROUP BY payout.coin, payout.amount HAVING count(*) > 1
    UNION ALL
    SELECT min(attempt.withdrawal_id), count(*)
    FROM withdrawal_attempts AS attempt JOIN wallet_transactions AS payout
        ON payout.reference = 'payout:withdrawal:' || attempt.withdrawal_id || ':' || attempt.number
    WHERE payout.status IN ('submitting', 'manual-review')
    GROUP BY payout.wallet_id HAVING count(*) > 1
"""

PATHS: Final = f"""
    WITH log AS (
        SELECT withdrawal_id AS id, status, lag(status) OVER (PARTITION BY withdrawal_id ORDER BY id) AS before,
               row_number() OVER (PARTITION BY withdrawal_id ORDER BY id DESC) AS from_last
        FROM withdrawal_audit_logs
    )
    SELECT request.id, request.status, log.before, log.status AS written
    FROM withdrawal_requests AS request LEFT JOIN log ON log.id = request.id
    WHERE log.id IS NULL
       OR (log.from_last = 1 AND log.status <> request.status)
       OR (log.before IS NULL AND log.status NOT IN ('pending', 'cancelled'))
       OR (log.before <> log.status AND (log.before, log.status) NOT IN (VALUES {STEPS}))
    UNION ALL
    SELECT flaw.chain::bigint, flaw.flaw, NULL, NULL FROM ({flaws_query(WithdrawalLog)}) AS flaw
"""  # noqa: S608

OVERDUE: Final = """
    SELECT request.id, request.status, request.lease_until, request.moved_at
    FROM withdrawal_requests AS request
    WHERE (request.status = 'submitting' AND request.lease_until < %(now)s - interval '2 minutes')
       OR (request.status = 'unknown' AND request.moved_at < %(now)s - interval '15 minutes'
           AND NOT EXISTS (
               SELECT FROM alerts
               WHERE alerts.key = 'withdrawal-unknown:' || request.id AND alerts.last_seen_at >= request.moved_at
           ))
"""

# As of the last approval: sales of later orders don't count yet, and a refund of later takes nothing back. What was asked
# for after this request isn't counted against it. A minute of grace for a refund that is committed after its own time.
ABOVE_THE_CAP: Final = f"""
    SELECT request.id, request.user_id, withdrawn.sum AS withdrawn, sales.sum * held.percent / 100 AS cap
    FROM withdrawal_requests AS request
    CROSS JOIN LATERAL (
        SELECT max(approved_at) AS at FROM withdrawal_approvals AS approval
        WHERE approval.withdrawal_id = request.id AND approval.round = request.round
    ) AS approved
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(earlier.amount), 0) AS sum FROM withdrawal_requests AS earlier
        WHERE earlier.user_id = request.user_id AND earlier.asset_id = request.asset_id AND earlier.id <= request.id
          AND earlier.status NOT IN ('cancelled', 'rejected', 'failed')
    ) AS withdrawn
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(orders.total_amount), 0) AS sum FROM organization_orders AS orders
        LEFT JOIN organization_refunds AS refund ON refund.order_id = orders.id
        WHERE orders.buyer_id = request.user_id AND orders.created_at <= approved.at
          AND (refund.id IS NULL OR refund.refunded_at > approved.at - interval '1 minute')
    ) AS sales
    CROSS JOIN LATERAL (
        SELECT max(withdrawal_cap_percent) AS percent FROM bonus_settings
        WHERE valid_from = (SELECT max(valid_from) FROM bonus_settings WHERE valid_from <= approved.at)
    ) AS held
    WHERE request.asset_id = 'POINT' AND request.status IN {PAST_APPROVAL}
      AND withdrawn.sum > sales.sum * coalesce(held.percent, 0) / 100
"""  # noqa: S608

catalogue.add(
    Invariant("W1", "An open withdrawal has exactly one open hold of its amount, a closed one has none.", HOLDS),
    Invariant(
        "W2", "A submitted or completed withdrawal has its number at the remote, and no other has the same.", REMOTE_IDS
    ),
    Invariant(
        "W3",
        "A withdrawal at or past its submission has the approvals it needs, of what it says now, by different people, "
        "none of them its requester.",
        APPROVALS,
    ),
    Invariant(
        "W4", "A withdrawal has one open attempt at most; no two in flight look the same to the remote.", ATTEMPTS
    ),
    Invariant("W5", "Every withdrawal has walked the known steps, and its chained log says so, row by row.", PATHS),
    Invariant("W6", "No claim is long overdue, and no unknown outcome is older than 15 minutes untold.", OVERDUE),
    Invariant("W7", "No bonus was paid above the cap by the member's own purchases at its approval.", ABOVE_THE_CAP),
)
