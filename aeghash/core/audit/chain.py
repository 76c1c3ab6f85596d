"""How seals follow from each other, and the query whose rows are the places where they don't."""

import hashlib
from typing import Final

FIRST_PREVIOUS: Final = bytes(32)


def chained_hash(previous: bytes, number: int, canonical: str) -> bytes:
    """The database's function of that name says the same, so either can be checked by the other."""
    return hashlib.sha256(f"{previous.hex()}\n{number}\n{canonical}".encode()).digest()


# Each names what is wrong (`flaw`), at which number of the chain, with which audit row.
BROKEN_SEALS: Final = """
    SELECT * FROM (
        SELECT seal.number, seal.audit_id,
               CASE WHEN seal.number > 1 AND before.number IS NULL
                    THEN 'the numbers before it are missing'
                    WHEN row.id IS NULL
                    THEN 'its audit row was removed'
                    WHEN seal.hash <> chained_hash(
                        coalesce(before.hash, decode(repeat('00', 32), 'hex')), seal.number || E'\\n' || row.canonical
                    )
                    THEN 'its hash does not follow from its text and the hash before it'
                    WHEN row.canonical <> canonical_text(row)
                    THEN 'its columns are not what its text says'
               END AS flaw
        FROM audit_seals AS seal
        LEFT JOIN audit_seals AS before ON before.number = seal.number - 1
        LEFT JOIN audit_rows AS row ON row.id = seal.audit_id
        WHERE {which}
    ) AS seals
    WHERE flaw IS NOT NULL
"""

BROKEN_HEADS: Final = """
    SELECT head.number, seal.audit_id,
           CASE WHEN seal.number IS NULL THEN 'the chain was cut: this head was told to the alert channel'
                ELSE 'the chain was written anew: another hash was told to the alert channel'
           END AS flaw
    FROM audit_heads AS head
    LEFT JOIN audit_seals AS seal USING (number)
    WHERE head.number > 0 AND seal.hash IS DISTINCT FROM head.hash
"""

# A row may be sealed once every transaction older than its own has ended. When that was, the sealer's last look tells:
# a look within the last minute that didn't get past the row means that it wasn't free yet. Where the sealer hasn't
# looked for a minute, the row's own age has to do.
UNSEALED: Final = """
    SELECT NULL::bigint AS number, row.id AS audit_id, 'it is unsealed for over 60 seconds' AS flaw
    FROM audit_rows AS row
    WHERE row.transaction_id >= least(
        %(since)s::xid8, (SELECT audit_transaction_id FROM audit_seals ORDER BY number DESC LIMIT 1)
    )
    AND row.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    AND row.at < %(now)s::timestamptz - interval '60 seconds'
    AND (
        row.transaction_id < (SELECT transaction_id FROM audit_horizon)
        OR NOT EXISTS (SELECT FROM audit_horizon WHERE looked_at > %(now)s::timestamptz - interval '60 seconds')
    )
    AND NOT EXISTS (SELECT FROM audit_seals AS seal WHERE seal.audit_id = row.id)
"""

FLAWS: Final = " UNION ALL ".join(
    (BROKEN_SEALS.format(which="seal.transaction_id >= %(since)s::xid8"), BROKEN_HEADS, UNSEALED)
)
