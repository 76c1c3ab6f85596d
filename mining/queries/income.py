"""What each member's part of a day's income is, by the rules: worked out in the database, for all members at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from aeghash.core.money import round_down
from mining.models import Allocation, CoinFacts

# `powers` is every member's power of the day, out of the grants known at a time: what is dated back later changes nothing.
POWERS: Final = """
    powers AS (
        SELECT user_id, sum(CASE direction WHEN 'credit' THEN hash ELSE -hash END) AS power
        FROM mining_grants
        WHERE starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s) AND created_at <= %(known_at)s
        GROUP BY user_id HAVING sum(CASE direction WHEN 'credit' THEN hash ELSE -hash END) > 0
    )
"""
SUMS: Final = f"""
    WITH {POWERS}, wanted AS (SELECT power, trunc(power * %(per_mega)s::numeric, %(places)s) AS share FROM powers)
    SELECT coalesce(sum(power), 0), count(*) FILTER (WHERE share > 0), coalesce(sum(share), 0) FROM wanted
"""  # noqa: S608 - our own words

# Power times rate, rounded down. Where that would be more than the pool paid, the sum is split by power instead, by largest
# remainder, ties to the lower number. `div` and `mod` are exact; `/` would round.
SHARES: Final = {
    False: f"""
        WITH {POWERS}, shares AS (
            SELECT user_id, power, trunc(power * %(per_mega)s::numeric, %(places)s) AS share FROM powers
        )
    """,  # noqa: S608
    True: f"""
        WITH {POWERS}, whole AS (
            SELECT user_id, power, div(%(units)s::numeric * power, %(power)s::numeric) AS units,
                   mod(%(units)s::numeric * power, %(power)s::numeric) AS rest
            FROM powers
        ), ranked AS (
            SELECT *, row_number() OVER (ORDER BY rest DESC, user_id) AS rank, sum(units) OVER () AS given FROM whole
        ), shares AS (
            SELECT user_id, power,
                   (units + CASE WHEN rank <= %(units)s::numeric - given THEN 1 ELSE 0 END) * %(unit)s::numeric AS share
            FROM ranked
        )
    """,  # noqa: S608
}
COUNT_SHARES: Final = "SELECT count(*) FILTER (WHERE share > 0), coalesce(sum(share), 0) FROM shares"
OF_THE_MEMBER: Final = "SELECT power, share FROM shares WHERE user_id = %(user)s"


@dataclass(frozen=True)
class Plan:
    """How a coin's income of a day is given out. `total` is cut to the coin's places: less than that can't be paid."""

    facts_id: int
    day: date
    coin: str
    places: int
    total: Decimal
    per_mega: Decimal
    power: Decimal
    wanted_count: int  # how many members get something by the rate, and how much together
    wanted: Decimal
    known_at: datetime

    @property
    def is_scaled(self) -> bool:
        return self.wanted > self.total

    @property
    def shares(self) -> str:
        return SHARES[self.is_scaled]

    @property
    def parameters(self) -> dict[str, Any]:
        unit = Decimal((0, (1,), -self.places))
        return {
            "day": self.day, "known_at": self.known_at, "per_mega": self.per_mega, "places": self.places,
            "power": self.power, "unit": unit, "units": (self.total / unit).to_integral_value(),
        }  # fmt: skip


def plan(coin: CoinFacts, *, known_at: datetime) -> Plan:
    """`coin` with its facts and its asset."""
    places, total = coin.coin.places, round_down(coin.total, coin.coin.places)
    parameters = {"day": coin.facts.day, "known_at": known_at, "per_mega": coin.per_mega, "places": places}
    power, count, wanted = _one_row(SUMS, parameters)
    return Plan(
        facts_id=coin.facts_id,
        day=coin.facts.day,
        coin=coin.coin_id,
        places=places,
        total=total,
        per_mega=coin.per_mega,
        power=Decimal(power),
        wanted_count=count,
        wanted=Decimal(wanted),
        known_at=known_at,
    )


def result_of(the_plan: Plan) -> tuple[int, Decimal]:
    """How many members get something, and how much they get together."""
    if not the_plan.is_scaled:
        return the_plan.wanted_count, the_plan.wanted
    count, members = _one_row(the_plan.shares + COUNT_SHARES, the_plan.parameters)
    return count, Decimal(members)


def share_of(the_plan: Plan, user_id: int) -> tuple[Decimal, Decimal]:
    """One member's power and part, for an explanation."""
    found = _row(the_plan.shares + OF_THE_MEMBER, {**the_plan.parameters, "user": user_id})
    return (Decimal(found[0]), Decimal(found[1])) if found else (Decimal(), Decimal())


def known_at_first(day: date, coin: str) -> datetime | None:
    """When the coin's income of the day was first given out."""
    return Allocation.objects.filter(day=day, coin=coin, sequence=0).values_list("allocated_at", flat=True).first()


def _one_row(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    found = _row(sql, parameters)
    assert found is not None
    return found


def _row(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
