"""Give out a day's income: to each member power times rate, what is over to the company."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.transactions import opens_one, with_db_retry
from mining.models import Allocation, CoinFacts, DayFacts
from mining.queries.facts import latest_of
from mining.queries.income import SHARES, Terms, plan, result_of, terms
from wallets.models.posting import ACTOR, actor, refusals_raised_by_the_database
from wallets.models.system_accounts import SystemAccount
from wallets.operations.post import post

# All of a coin's shares in one statement: one reading of the grants makes the sums, the allocation and its rows, so none of
# them can have seen a grant that another has not. Where the rate gives more than there is, nothing is written.
GIVE_OUT: Final = """
    , sums AS (
        SELECT coalesce(sum(power), 0) AS power, coalesce(sum(share), 0) AS members,
               count(*) FILTER (WHERE share > 0) AS members_count
        FROM shares
    ), allocation AS (
        INSERT INTO mining_allocations (
            facts_id, day, coin, sequence, total, per_mega, power, members, members_count, is_scaled, allocated_at
        )
        SELECT %(facts_id)s, %(day)s, %(coin)s, 0, %(total)s, %(per_mega)s, power, members, members_count, %(is_scaled)s,
               %(known_at)s
        FROM sums WHERE members <= %(total)s
        ON CONFLICT DO NOTHING RETURNING id
    ), incomes AS (
        INSERT INTO mining_incomes (allocation_id, user_id, power, amount)
        SELECT allocation.id, user_id, power, share FROM allocation CROSS JOIN shares WHERE share > 0 ORDER BY user_id
    )
    SELECT (SELECT id FROM allocation), members > %(total)s FROM sums
"""
# The array takes the rows in the order of the members: balances are then locked, and rows written, one after the other.
POST_INCOMES: Final = f"""
    SELECT ledger_post_many(
        array_agg(
            ROW(%s || user_id, %s, amount, NULL, %s, user_id, NULL)::transfer_entry ORDER BY user_id
        ), %s, {ACTOR}
    ) FROM mining_incomes WHERE allocation_id = %s HAVING count(*) > 0
"""  # noqa: S608 - our own words


class DayNotOver(Refusal):
    code = "day_not_over"
    sentence = _("%(day)s is not over yet (UTC).")


class FactsMissing(NotFound):
    sentence = _("Nothing has been read of the pool's %(day)s yet.")


class FactsFlawed(Refusal):
    code = "facts_flawed"
    sentence = _("The pool's facts of %(day)s can't be believed: %(flaw)s.")


@dataclass(frozen=True)
class CoinResult:
    coin: str
    total: Decimal
    members: Decimal
    members_count: int
    is_scaled: bool
    is_new: bool

    @property
    def company(self) -> Decimal:
        return self.total - self.members


def allocate_income(*, day: date, dry_run: bool = False) -> list[CoinResult]:
    """Once per day, coin and member, however often and wherever it is killed: each coin is a transaction of its own.

    Refuses a day that isn't over (`day_not_over`), or of which nothing is known (`not_found`) or nothing to be believed
    (`facts_flawed`, with an alert). Then nothing changes. With `dry_run` nothing changes anyway.
    """
    facts = believable_facts(day)
    coins = CoinFacts.objects.filter(facts=facts).select_related("facts", "coin").order_by("coin")
    return [_foreseen(coin) if dry_run else allocate_coin(coin=coin) for coin in coins]


def believable_facts(day: date) -> DayFacts:
    if day >= clock.today():
        raise DayNotOver(day=day)
    facts = latest_of(day)
    if facts is None:
        raise FactsMissing(day=day)
    if not facts.is_sound:
        _tell(facts)
        raise FactsFlawed(day=day, flaw=facts.flaw)
    return facts


@with_db_retry()
@opens_one()
def allocate_coin(*, coin: CoinFacts) -> CoinResult:
    by = terms(coin, known_at=clock.now())
    allocation, is_too_much = _give_out(by, is_scaled=False)
    if is_too_much:
        allocation, _ = _give_out(by, is_scaled=True)
    if allocation is None:
        return _known(coin)
    checkpoint("mining: incomes written")
    _post(allocation)
    _record(allocation)
    checkpoint("mining: before commit of a coin")
    return _told(allocation, is_new=True)


def _give_out(by: Terms, *, is_scaled: bool) -> tuple[Allocation | None, bool]:
    """None if it is there: whoever comes second waits at the unique index for the first one's commit."""
    with connection.cursor() as cursor:
        cursor.execute(SHARES[is_scaled] + GIVE_OUT, {**by.parameters, "is_scaled": is_scaled})
        found, is_too_much = cursor.fetchone()
    return (Allocation.objects.get(pk=found) if found else None), is_too_much


def reference(allocation: Allocation, who: object = "") -> str:
    """What the transfers are called; members' end in their number."""
    suffix = f"+{allocation.sequence}" if allocation.sequence else ""
    return f"mining:{allocation.day}{suffix}:{allocation.coin_id}:{who}"


def _post(allocation: Allocation) -> None:
    batch = reference(allocation, "members")
    values = [reference(allocation), allocation.coin_id, SystemAccount.MINING_INCOME.value, batch]
    with refusals_raised_by_the_database(), connection.cursor() as cursor:
        cursor.execute(POST_INCOMES, [*values, *actor(""), allocation.pk])
    company = allocation.total - allocation.members
    if company:
        post(
            reference=reference(allocation, "company"),
            asset=allocation.coin_id,
            amount=company,
            source=SystemAccount.MINING_INCOME,
            target=SystemAccount.UNALLOCATED,
        )


def _record(allocation: Allocation) -> None:
    names = ("day", "coin_id", "sequence", "total", "members", "members_count", "is_scaled")
    record("mining.income_allocated", of=allocation, after={name: getattr(allocation, name) for name in names})


def _known(coin: CoinFacts) -> CoinResult:
    latest = Allocation.objects.filter(day=coin.facts.day, coin=coin.coin).latest("sequence")
    return _told(latest, is_new=False)


def _told(allocation: Allocation, *, is_new: bool) -> CoinResult:
    return CoinResult(
        coin=allocation.coin_id,
        total=allocation.total,
        members=allocation.members,
        members_count=allocation.members_count,
        is_scaled=allocation.is_scaled,
        is_new=is_new,
    )


def _foreseen(coin: CoinFacts) -> CoinResult:
    if Allocation.objects.filter(day=coin.facts.day, coin=coin.coin).exists():
        return _known(coin)
    the_plan = plan(coin, known_at=clock.now())
    count, members = result_of(the_plan)
    return CoinResult(the_plan.coin, the_plan.total, members, count, the_plan.is_scaled, is_new=True)


@transaction.atomic
def _tell(facts: DayFacts) -> None:
    raise_alert(
        key=f"mining.day:{facts.day}",
        severity=Severity.CRITICAL,
        sentence=_("The pool's facts of a day can't be believed. Its income is not given out."),
        day=facts.day,
        flaw=facts.flaw,
    )
