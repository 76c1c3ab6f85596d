"""Hash power of any day, and out of which grants it is made."""

from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from mining.models import Direction, Grant

POWER: Final = """
    SELECT coalesce(sum(CASE direction WHEN 'credit' THEN hash ELSE -hash END), 0)
    FROM mining_grants
    WHERE user_id = %(user)s AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
"""


def grants_alive(day: date) -> QuerySet[Grant]:
    return Grant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


def hash_power(user_id: int, day: date) -> Decimal:
    """In MH/s."""
    with connection.cursor() as cursor:
        cursor.execute(POWER, {"user": user_id, "day": day})
        return Decimal(cursor.fetchone()[0])


def explanation(user_id: int, day: date) -> list[Grant]:
    """The grants whose sum is the power of that day, oldest first."""
    return list(grants_alive(day).filter(user_id=user_id).order_by("starts_on", "pk"))


def least_power(user_id: int, starts_on: date, ends_on: date | None) -> Decimal:
    """The lowest power of any day from `starts_on` up to and not with `ends_on`.

    Power only falls where a grant ends or a debit starts, so the days worth looking at are few.
    """
    grants = list(Grant.objects.filter(user_id=user_id))
    turns = {day for grant in grants for day in (grant.starts_on, grant.ends_on) if day is not None}
    days = [starts_on, *(day for day in turns if day > starts_on and (ends_on is None or day < ends_on))]
    return min(sum((signed(grant) for grant in grants if is_alive(grant, day)), Decimal()) for day in days)


def signed(grant: Grant) -> Decimal:
    return grant.hash if grant.direction == Direction.CREDIT else -grant.hash


def is_alive(grant: Grant, day: date) -> bool:
    return grant.starts_on <= day and (grant.ends_on is None or day < grant.ends_on)
