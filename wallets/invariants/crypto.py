"""The entries of the wallets at MBlock."""

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

catalogue.add(
    Invariant(
        "W2.mblock",
        "No token transfer is submitted without MBlock's id, or completed without a receipt that is its own in every "
        "particular; no id stands on two.",
        query="""
            SELECT id, 'no id' AS flaw FROM wallet_transactions
            WHERE (status = 'submitted' OR status = 'completed') AND txid IS NULL
               OR status = 'pending-transit' AND token IS NULL
            UNION ALL
            SELECT row.id, 'no receipt of its own' FROM wallet_transactions AS row JOIN wallets ON wallets.id = row.wallet_id
            WHERE row.status = 'completed' AND (
                row.evidence #>> '{receipt,from}' IS DISTINCT FROM wallets.address
                OR row.evidence #>> '{receipt,to}' IS DISTINCT FROM row.to_address
                OR (row.evidence #>> '{receipt,amount}')::numeric IS DISTINCT FROM row.amount
            )
            UNION ALL
            SELECT min(id), 'an id on two transfers' FROM (
                SELECT id, txid AS remote_id FROM wallet_transactions WHERE txid IS NOT NULL
                UNION ALL SELECT id, token FROM wallet_transactions WHERE token IS NOT NULL
            ) AS ids GROUP BY remote_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "W4.mblock",
        "No two transfers of one wallet are in flight that MBlock's books could not tell apart.",
        query="""
            SELECT wallet_id, count(*) AS in_flight FROM wallet_transactions
            WHERE status IN ('submitting', 'pending-transit', 'manual-review')
            GROUP BY wallet_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "W6.mblock",
        "No token transfer is being submitted for longer than its call may take, and none is in manual review that "
        "nobody was told of.",
        query="""
            SELECT id, status FROM wallet_transactions
            WHERE status = 'submitting' AND call_until < %(now)s - interval '5 minutes'
               OR status = 'manual-review' AND NOT EXISTS (
                   SELECT FROM alerts WHERE alerts.key = 'wallets.review:' || wallet_transactions.id
               )
        """,
    ),
)
