"""Take records away that are older than their 24 hours. What they made stays known by its own number."""

from typing import Final

from django.db import connection, transaction

from aeghash.core import clock
from partners.operations.answer_once import LIFE

AT_ONCE: Final = 5000
PURGE: Final = """
    DELETE FROM idempotency_keys WHERE id IN (
        SELECT id FROM idempotency_keys WHERE created_at <= %s ORDER BY created_at LIMIT %s
    )
"""


def purge_idempotency_keys() -> int:
    """In lots, so that nobody waits behind a long one. Gives how many there were."""
    before, purged = clock.now() - LIFE, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PURGE, [before, AT_ONCE])
            lot = int(cursor.rowcount)
            purged += lot
            if lot < AT_ONCE:
                return purged
