"""Days whose income is still to be given out."""

from datetime import date, timedelta

from django.db.models import Count, F, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

from aeghash.core import clock
from mining.models import Allocation, DayFacts, Grant
from mining.queries.facts import FIRST_LOOK


def days_to_allocate() -> list[date]:
    """Known, over, and not given out in full; from the day on on which anybody had power."""
    first = Grant.objects.aggregate(first=Min("starts_on"))["first"]
    if first is None:
        return []
    given = Allocation.objects.filter(day=OuterRef("day"), sequence=0).values("day").annotate(n=Count("pk")).values("n")
    latest = DayFacts.objects.latest_versions().filter(
        day__gte=max(first, clock.today() - FIRST_LOOK), day__lte=clock.today() - timedelta(days=1)
    )
    due = latest.annotate(known=Count("coins"), given=Coalesce(Subquery(given), 0)).exclude(known=F("given"), flaw="")
    return list(due.order_by("day").values_list("day", flat=True))
