"""Read the pool's days: those that are missing, and the last few again, since the pool may restate them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Final

from aeghash.core import clock
from aeghash.core.egress import EgressFailure
from aeghash.core.money import make_arithmetic_exact
from aeghash.core.transactions import must_have_none
from mining.clients.hashdam import DayReport, Remark, read_day, read_project
from mining.operations.move_mark import move_mark
from mining.operations.store_day import store_day
from mining.queries.facts import coins, days, missing_days, start_of

OVERLAP: Final = timedelta(days=3)
PARALLEL: Final = 8
NAME: Final = "days"


class DaysMissing(Exception):
    """Of some days nothing could be read; the next run tries them again."""


@must_have_none()
def sync_days(*, since: date | None = None, tell: Callable[[], None] = lambda: None) -> int:
    """Returns how many versions are new. Raises DaysMissing after everything else has been stored."""
    wanted = days_to_read(since)
    changed, failed = 0, []
    with ThreadPoolExecutor(PARALLEL, initializer=make_arithmetic_exact) as pool:
        for day, report in zip(wanted, pool.map(partial(_read, coins()), wanted), strict=True):
            tell()
            if report is None:
                failed.append(day)
            else:
                changed += store_day(report=report) is not None
    if wanted:
        move_mark(name=NAME, to=min(failed, default=wanted[-1] + timedelta(days=1)) - timedelta(days=1))
    if failed:
        raise DaysMissing(", ".join(map(str, failed)))
    return changed


def days_to_read(since: date | None) -> list[date]:
    """Up to yesterday: a day's facts are there from the next day on. Gaps in the last 90 days are read again."""
    last = clock.today() - timedelta(days=1)
    founded = read_project()[2].date()
    start = max(start_of(NAME, OVERLAP, since), founded)
    return sorted({*days(start, last), *missing_days(last)})


def _read(known_coins: frozenset[str], day: date) -> DayReport | None:
    try:
        return read_day(day, known_coins)
    except (Remark, EgressFailure):
        return None
