"""Meeting a race where it happens: by what PostgreSQL says, not by sleeping long enough."""

import threading
import time
from collections.abc import Callable

from django.db import connections

from tests.database import Owner

PATIENCE = 60  # a test next door may hold the horizon, and the machine may be busy


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def until_blocked(owner: Owner, *, count: int = 1) -> None:
    """Until so many sessions of this database wait for a lock."""
    until(lambda: blocked(owner) == count)


def blocked(owner: Owner) -> int:
    owner.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction of the owner's, who came later would be missing
    # Not `wait_event`: only its own sessions show that to a role.
    query = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    (count,) = owner.execute(query).fetchone() or (0,)
    return int(count)


class Running(threading.Thread):
    """Work in a thread with a connection of its own; `result()` gives what it returned, or raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.returned: object = None
        self.raised: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.returned = self.work()
        except BaseException as error:  # whatever it was, the test shall see it
            self.raised = error
        finally:
            connections.close_all()

    def result(self) -> object:
        self.join(PATIENCE)
        assert not self.is_alive(), "it never ended"
        if self.raised is not None:
            raise self.raised
        return self.returned
