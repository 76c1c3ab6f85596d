"""Remember that a member asked from a device."""

from datetime import datetime
from typing import Final

from django.db import connection

from aeghash.core import clock
from risk.addresses import IP

# One statement, so that two requests from one new device make one row; whoever comes second waits for the first's commit
# and then sees when the device was first seen. Times never go back, whichever clock they come from.
UPSERT: Final = """
    INSERT INTO risk_known_devices AS known (user_id, device_id, first_seen_at, last_seen_at, last_ip, times_seen)
    VALUES (%(user_id)s, %(device_id)s, %(now)s, %(now)s, %(ip)s, 1)
    ON CONFLICT (user_id, device_id) DO UPDATE SET
        last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
        last_ip = coalesce(excluded.last_ip, known.last_ip),
        times_seen = known.times_seen + 1
    RETURNING first_seen_at
"""


def notice_device(*, user_id: int, device_id: str, ip: IP | None) -> datetime:
    """Returns when the device was first seen with this member: now, if never before.

    Its row stays locked until the caller's commit.
    """
    last_ip = None if ip is None else str(ip)
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, {"user_id": user_id, "device_id": device_id, "ip": last_ip, "now": clock.now()})
        first_seen_at: datetime = cursor.fetchone()[0]
    return first_seen_at
