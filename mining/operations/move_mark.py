from datetime import date
from typing import Final

from django.db import connection

from aeghash.core import clock

# Forward only: a run that began earlier may end later.
MOVE: Final = """
    INSERT INTO mining_sync_marks (name, read_up_to, moved_at) VALUES (%(name)s, %(to)s, %(now)s)
    ON CONFLICT (name) DO UPDATE SET
        read_up_to = greatest(mining_sync_marks.read_up_to, excluded.read_up_to), moved_at = excluded.moved_at
"""


def move_mark(*, name: str, to: date) -> None:
    """After everything up to then is stored: killed before, the next run reads it again."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"name": name, "to": to, "now": clock.now()})
