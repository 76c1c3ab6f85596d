"""Days the pool has said anew after their income was given out, and what the new version would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from aeghash.core.money import round_down
from mining.models import Allocation, CoinFacts, DayFacts, RestatementDecision
from mining.queries.income import Plan, known_at_first, plan

# What each member has of the day and coin, all its allocations together, beside what the new version would give.
DIFFERENCES: Final = """
    , given AS (
        SELECT i.user_id, sum(i.amount) AS amount
        FROM mining_incomes i JOIN mining_allocations a ON a.id = i.allocation_id
        WHERE a.day = %(day)s AND a.coin = %(coin)s GROUP BY i.user_id
    ), differences AS (
        SELECT user_id, coalesce(shares.power, 0) AS power, coalesce(given.amount, 0) AS given, coalesce(share, 0) AS due,
               coalesce(share, 0) - coalesce(given.amount, 0) AS difference
        FROM shares FULL JOIN given USING (user_id)
    )
"""
# What a member has spent can't be taken back, and becomes a debt.
WITH_DEBT: Final = f"""
    {DIFFERENCES}, effects AS (
        SELECT d.*, greatest(-d.difference - coalesce(b.amount - b.locked_amount, 0), 0) AS debt
        FROM differences d LEFT JOIN balances b ON b.user_id = d.user_id AND b.asset_id = %(coin)s
    )
"""  # noqa: S608 - our own words
SUMS: Final = """
    SELECT coalesce(sum(given), 0), coalesce(sum(due), 0), count(*) FILTER (WHERE difference > 0),
           count(*) FILTER (WHERE difference < 0), coalesce(sum(debt), 0)
    FROM effects
"""
LARGEST: Final = """
    SELECT u.uid, e.user_id, e.power, e.given, e.due, e.difference, e.debt FROM effects e JOIN users u ON u.id = e.user_id
    WHERE difference <> 0 ORDER BY abs(difference) DESC, e.user_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Effect:
    """`members` is what members would have together, `given` what they have of that day."""

    coin: str
    total_before: Decimal
    total: Decimal
    given: Decimal
    members: Decimal
    gaining: int
    losing: int
    debt: Decimal

    @property
    def difference(self) -> Decimal:
        return self.members - self.given


@dataclass(frozen=True)
class MemberEffect:
    """One member's: what was given, what is due now, and how much of what is to be given back has been spent."""

    coin: str
    member: str
    power: Decimal
    given: Decimal
    due: Decimal
    difference: Decimal
    debt: Decimal


def undecided() -> QuerySet[DayFacts]:
    """Latest versions that can be believed, of days given out by another version, about which nobody has decided."""
    latest: QuerySet[DayFacts] = DayFacts.objects.latest_versions().filter(flaw="")
    by_another = Allocation.objects.filter(day=OuterRef("day"), facts__version__lt=OuterRef("version"))
    by_this = Allocation.objects.filter(facts=OuterRef("pk"), sequence__gt=0)
    decided = RestatementDecision.objects.filter(facts=OuterRef("pk"))
    return latest.filter(Exists(by_another), ~Exists(by_this), ~Exists(decided))


def effects(facts: DayFacts) -> list[Effect]:
    """Coin by coin, of those given out by another version."""
    return [_effect(coin, last) for coin, last in _restated(facts)]


def member_effects(facts: DayFacts, most: int) -> list[MemberEffect]:
    """Of each coin the members for whom it changes most."""
    found = []
    for coin, _last in _restated(facts):
        for uid, user_id, *figures in _rows(_plan(coin), LARGEST, most=most):
            found.append(MemberEffect(coin.coin_id, uid or f"#{user_id}", *figures))
    return found


def _restated(facts: DayFacts) -> Iterator[tuple[CoinFacts, Allocation]]:
    for coin in CoinFacts.objects.filter(facts=facts).select_related("facts", "coin").order_by("coin"):
        last = Allocation.objects.filter(day=facts.day, coin=coin.coin).order_by("-sequence").first()
        if last is not None and last.facts_id != coin.facts_id:
            yield coin, last


def _effect(coin: CoinFacts, last: Allocation) -> Effect:
    (sums,) = _rows(_plan(coin), SUMS)
    return Effect(coin.coin_id, last.total, round_down(coin.total, coin.coin.places), *sums)


def _plan(coin: CoinFacts) -> Plan:
    known_at = known_at_first(coin.facts.day, coin.coin_id)
    assert known_at is not None, "only what was given out can be restated"
    return plan(coin, known_at=known_at)


def _rows(the_plan: Plan, wanted: str, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(the_plan.shares + WITH_DEBT + wanted, {**the_plan.parameters, **more})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
