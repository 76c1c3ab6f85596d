"""Words the tests of the audit trail share."""

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from aeghash.core.actors import acting_as, job
from aeghash.core.audit import verification
from aeghash.core.models import AuditRow, AuditSeal
from aeghash.core.operations.record import record
from aeghash.core.operations.seal_audit import seal_audit
from tests.database import Owner

PATIENCE = 60
LONG_AGO = "2020-01-01T00:00:00Z"

# As a trail of years would be: a row a second up to now, of a thousand people and twenty kinds of acts.
FILL = """
    INSERT INTO audit_rows (at, actor_kind, actor_id, actor_label, verb, object_type, object_id, before, after, reason,
                            request_id)
    SELECT now() - (%(rows)s - n) * interval '1 second', 'person', (n %% 1000)::text, '',
           'filler.done_' || chr(97 + n %% 20), 'core.job', n::text, '{}', '{}', '', md5(n::text)
    FROM generate_series(1, %(rows)s) AS n
"""


def fill(owner: Owner, rows: int) -> None:
    owner.execute(FILL, {"rows": rows})
    owner.execute("ANALYZE audit_rows")


def write_rows(count: int) -> None:
    """Each in a transaction of its own."""
    with acting_as(job("test")):
        for number in range(count):
            with transaction.atomic():
                record("thing.done", after={"number": number})


def seal_everything() -> None:
    """Transactions of the tests next door, in other databases of this server, hold the horizon back for a while."""
    deadline = time.monotonic() + PATIENCE
    while (unsealed := AuditRow.objects.count() - AuditSeal.objects.count()) > 0:
        assert time.monotonic() < deadline, f"{unsealed} rows stay unsealed"
        seal_audit()


def wait_until_nobody_is_before(transaction_id: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())")
            (oldest,) = cursor.fetchone()
        if int(oldest) > transaction_id:
            return
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def tampering(owner: Owner) -> Iterator[Owner]:
    """What nobody but an owner with the triggers off can do."""
    owner.execute("SET session_replication_role = replica")
    yield owner
    owner.execute("RESET session_replication_role")


def sealed_trail(count: int) -> None:
    write_rows(count)
    seal_everything()


def flaws() -> list[str]:
    last = verification.last_number()
    return [str(flaw) for flaw in verification.flaws(last, lambda _done: None)]


def run(*words: str) -> tuple[int, Any]:
    """A command's exit status and what it said, as JSON."""
    out, status = io.StringIO(), 0
    try:
        call_command(*words, "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        status = int(str(end.code))
    return status, json.loads(out.getvalue())
