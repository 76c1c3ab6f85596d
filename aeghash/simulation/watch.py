"""The scheduler's own eye on PostgreSQL: who waits for whose lock; and its hand, which cuts connections."""

from collections.abc import Collection
from typing import Any, Final

import psycopg
from django.db import connections

BLOCKED: Final = "SELECT pid FROM unnest(%s::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0"
PATIENCE: Final = 5000


class Watch:
    def __init__(self) -> None:
        config = connections["default"].settings_dict
        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
            host=config["HOST"],
            port=config["PORT"],
            user=config["USER"],
            password=config["PASSWORD"],
            dbname=config["NAME"],
            autocommit=True,
        )

    def blocked(self, backends: Collection[int]) -> set[int]:
        """Those that wait for a lock. A lock is handed on before its holder's commit is answered, so this is never late."""
        if not backends:
            return set()
        return {int(pid) for (pid,) in self._connection.execute(BLOCKED, [list(backends)]).fetchall()}

    def cut(self, backend: int) -> None:
        """Returns when the server has let go of all that the connection held."""
        self._connection.execute("SELECT pg_terminate_backend(%s, %s)", [backend, PATIENCE])

    def cancel(self, backend: int) -> None:
        self._connection.execute("SELECT pg_cancel_backend(%s)", [backend])

    def close(self) -> None:
        self._connection.close()
