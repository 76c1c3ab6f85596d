"""Count what was bought, taken back and who joined since the last time, into the days of all who stand above."""

from typing import Final

from django.db import connection

from aeghash.core.checkpoints import checkpoint
from aeghash.core.transactions import with_db_retry
from aeghash.core.watermark import consume
from organization import days
from organization.models.volumes import ROLL_UP
from organization.queries.rolled_up import GROUP_RANKS, VOLUMES


def added(table: str, rows: str, *, key: str, columns: tuple[str, ...]) -> str:
    """MERGE, since roll-ups take turns: ON CONFLICT, which reckons with others, takes twice as long for a new row."""
    return f"""
        MERGE INTO {table} AS known USING ({rows}) AS new ON known.member_id = new.member_id AND known.{key} = new.{key}
        WHEN MATCHED THEN UPDATE SET {", ".join(f"{name} = known.{name} + new.{name}" for name in columns)}
        WHEN NOT MATCHED THEN INSERT (member_id, {key}, {", ".join(columns)})
            VALUES (new.member_id, new.{key}, {", ".join(f"new.{name}" for name in columns)})
    """  # noqa: S608 - our own words


COLUMNS: Final = (
    "personal_volume",
    "group_volume",
    "volume_left",
    "volume_right",
    "orders_count",
    "group_joined",
    "joined_left",
    "joined_right",
)
ADD_VOLUMES: Final = added("organization_metrics_daily", VOLUMES, key="day", columns=COLUMNS)
ADD_GROUP_RANKS: Final = added("organization_group_ranks", GROUP_RANKS, key="rank", columns=("members",))
# After an import the first one counts millions. Compiling the statements would take longer than most of their runs.
FOR_LARGE_WORK: Final = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


@with_db_retry()
def roll_up_volumes() -> int:
    """Each order, refund and joining is counted once, however late it was committed; returns how many rows of days changed.

    Two at once take turns at the watermark, so their rows never meet; killed, one leaves everything to the next. It locks
    no member and no place.
    """
    with consume(ROLL_UP) as window, connection.cursor() as cursor:
        cursor.execute(FOR_LARGE_WORK)
        parameters = {"start": str(window.start), "end": str(window.end), "zone": days.ZONE.key}
        cursor.execute(ADD_VOLUMES, parameters)
        changed = int(cursor.rowcount)
        checkpoint("volumes: days counted")
        cursor.execute(ADD_GROUP_RANKS, parameters)
        checkpoint("volumes: before commit")
    return changed
