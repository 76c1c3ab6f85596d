"""The partners' entry of the catalogue."""

from typing import Final

from aeghash.core import catalogue
from aeghash.core.catalogue import Invariant

TABLES: Final = {
    "member": ("organization_members", "user_id"),
    "order": ("organization_orders", "id"),
    "grant": ("mining_grants", "id"),
    "withdrawal": ("withdrawal_requests", "id"),
    "address": ("withdrawal_addresses", "id"),
    "event": ("partner_events", "id"),
}
IS_THERE: Final = " OR ".join(
    f"record.resource_type = '{kind}' AND EXISTS (SELECT FROM {table} WHERE {table}.{column} = record.resource_id)"
    for kind, (table, column) in TABLES.items()
)
RECORDS: Final = f"""
    SELECT record.id, record.key, record.resource_type, record.resource_id, 'its resource does not exist' AS flaw
    FROM idempotency_keys AS record
    WHERE record.state = 'SUCCEEDED' AND NOT coalesce({IS_THERE}, false)
    UNION ALL
    SELECT min(record.id), record.key, NULL, NULL, 'two live records'
    FROM idempotency_keys AS record
    WHERE record.is_current AND record.state <> 'FAILED_CONFLICT'
    GROUP BY record.partner_id, record.key HAVING count(*) > 1
"""  # noqa: S608 - constants

catalogue.add(
    Invariant("I1", "What a succeeded idempotency record names exists, and no key has two live records.", query=RECORDS)
)
