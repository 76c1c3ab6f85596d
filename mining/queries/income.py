"""What each member's part of a day's income is, by the rules: worked out in the database, for all members at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
            SELECT user_id, power, div(%(units)s::numeric * power, everybodys) AS units,
                   mod(%(units)s::numeric * power, everybodys) AS rest
            FROM (SELECT *, sum(power) OVER () AS everybodys FROM powers) AS powers
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
class Terms:
    """By which a coin's income of a day is given out. `total` is cut to the coin's places: less than that can't be paid."""

    facts_id: int
    day: date
    coin: str
    places: int
    total: Decimal
    per_mega: Decimal
    known_at: datetime

    @property
    def parameters(self) -> dict[str, Any]:
        unit = Decimal((0, (1,), -self.places))
        return {**asdict(self), "unit": unit, "units": (self.total / unit).to_integral_value()}


@dataclass(frozen=True)
class Plan(Terms):
    """What comes of them."""

    power: Decimal
    wanted_count: int  # how many members get something by the rate, and how much together
    wanted: Decimal

    @property
    def is_scaled(self) -> bool:
        return self.wanted > self.total

    @property
    def shares(self) -> str:
        return SHARES[self.is_scaled]


def terms(coin: CoinFacts, *, known_at: datetime) -> Terms:
    """`coin` with its facts and its asset."""
    return Terms(
        facts_id=coin.facts_id,
        day=coin.facts.day,
        coin=coin.coin_id,
        places=coin.coin.places,
        total=round_down(coin.total, coin.coin.places),
        per_mega=coin.per_mega,
        known_at=known_at,
    )


def plan(coin: CoinFacts, *, known_at: datetime) -> Plan:
    by = terms(coin, known_at=known_at)
    power, count, wanted = _one_row(SUMS, by.parameters)
    return Plan(**asdict(by), power=Decimal(power), wanted_count=count, wanted=Decimal(wanted))


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
