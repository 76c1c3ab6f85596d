"""What has been read of the pool, and what is still to be."""

from datetime import date, timedelta
from typing import Final

from aeghash.core import clock
from mining.models import DayFacts, SyncMark
from wallets.models import Asset, AssetKind

FIRST_LOOK: Final = timedelta(days=90)


def coins() -> frozenset[str]:
    return frozenset(Asset.objects.filter(kind=AssetKind.COIN).values_list("symbol", flat=True))


def read_up_to(name: str) -> date | None:
    return SyncMark.objects.filter(name=name).values_list("read_up_to", flat=True).first()


def start_of(name: str, overlap: timedelta, since: date | None) -> date:
    """Where reading begins: some days before the mark, since late facts exist; 90 days back where there is no mark."""
    if since is not None:
        return since
    mark = read_up_to(name)
    return clock.today() - FIRST_LOOK if mark is None else mark - overlap


def missing_days(up_to: date) -> set[date]:
    """Those of the last 90 of which nothing has been read, although an older one has."""
    recent = DayFacts.objects.filter(day__range=(up_to - FIRST_LOOK, up_to))
    known = set(recent.values_list("day", flat=True))
    return set(days(min(known), up_to)) - known if known else set()


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def latest_of(day: date) -> DayFacts | None:
    return DayFacts.objects.filter(day=day).order_by("-version").first()
