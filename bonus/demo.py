"""The bonuses' part of the demo: the orders of 90 days shared out, and the past weeks closed."""

from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from bonus.models import Closing
from bonus.operations.allocate_backlog import allocate_backlog, reverse_backlog
from bonus.operations.confirm_closing import confirm_closing
from bonus.operations.draft_closing import draft_closing
from bonus.operations.run_closing import run_closing

WEEKS: Final = 12


def seed() -> list[str]:
    """The last week stays a draft, for whoever wants to see one confirmed. A second run changes nothing."""
    with acting_as(command("seed_demo")):
        allocate_backlog()
        reverse_backlog()
        if Closing.objects.exists():
            return []
        for week in range(WEEKS, 0, -1):
            drafted = draft_closing(as_of=clock.now() - timedelta(weeks=week))
            confirm_closing(closing_id=drafted.pk)
            run_closing(closing_id=drafted.pk)
        draft_closing()
    return [f"the bonuses of {WEEKS} weeks are closed, and the last week's closing is a draft"]
