"""How many connections this installation may open, held against how many PostgreSQL allows."""

import sys

from django.conf import settings
from django.db import DatabaseError, connection, connections


def check_budget(*, processes: int) -> None:
    """Refuses a start whose processes could together ask for more than the server gives: exit status 2."""
    wanted = processes * (settings.DATABASE_POOL_SIZE + settings.DATABASE_MAX_OVERFLOW)
    allowed = allowed_connections()
    if allowed is not None and wanted > allowed:
        print(
            f"AEG Hash does not start: {processes} processes x (DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW) = {wanted} "
            f"connections, and PostgreSQL allows {allowed}.",
            file=sys.stderr,
        )
        raise SystemExit(2)


def allowed_connections() -> int | None:
    """None while PostgreSQL is away: the processes wait for it then, and /readyz says so."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int"
            )
            (allowed,) = cursor.fetchone()
            return int(allowed)
    except DatabaseError:
        return None
    finally:
        connection.close()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # before the server forks: no socket may be shared by two processes
