"""A person decides what becomes of a day that the pool has said anew after its income was given out."""

from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.models import User
from aeghash.core.operations.record import record
from aeghash.core.transactions import opens_one
from mining.models import Allocation, CoinFacts, DayFacts, RestatementDecision, Verdict
from mining.operations.allocate_income import reference, write_allocation
from mining.queries.income import known_at_first, plan, result_of
from mining.queries.restatements import undecided
from wallets.models.posting import ACTOR, actor, refusals_raised_by_the_database
from wallets.models.system_accounts import SystemAccount
from wallets.operations.post import post

INSERT_DIFFERENCES: Final = """
    , given AS (
        SELECT i.user_id, sum(i.amount) AS amount
        FROM mining_incomes i JOIN mining_allocations a ON a.id = i.allocation_id
        WHERE a.day = %(day)s AND a.coin = %(coin)s GROUP BY i.user_id
    )
    INSERT INTO mining_incomes (allocation_id, user_id, power, amount)
    SELECT %(allocation)s, user_id, coalesce(shares.power, 0), coalesce(share, 0) - coalesce(given.amount, 0)
    FROM shares FULL JOIN given USING (user_id)
    WHERE coalesce(share, 0) <> coalesce(given.amount, 0)
"""
POST_MORE: Final = f"""
    SELECT ledger_post_many(
        array_agg(ROW(%s || user_id, %s, amount, NULL, %s, user_id, NULL)::transfer_entry ORDER BY user_id), %s, {ACTOR}
    ) FROM mining_incomes WHERE allocation_id = %s AND amount > 0 HAVING count(*) > 0
"""  # noqa: S608 - our own words
# What a member has spent already becomes a debt, which the next income pays first.
COLLECT_LESS: Final = f"""
    SELECT (ledger_collect(ROW(%s || user_id, %s, -amount, user_id, NULL, NULL, %s)::transfer_entry, {ACTOR})).refusal
    FROM (SELECT * FROM mining_incomes WHERE allocation_id = %s AND amount < 0 ORDER BY user_id) AS less
"""  # noqa: S608


class NothingToDecide(Refusal):
    code = "nothing_to_decide"
    sentence = _("This version needs no decision: it is decided, or the pool has said the day anew once more.")


def decide_restatement(*, facts_id: int, verdict: Verdict, reason: str, by: User) -> RestatementDecision:
    """`correct` gives members the difference, or takes it back; `keep` leaves all as it was credited.

    Refuses an empty reason (`validation_error`), and a version about which there is nothing to decide (any more).
    """
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    with opens_one(), acting_as(person(by)):
        facts = _locked(facts_id)
        if verdict == Verdict.CORRECT:
            for coin in CoinFacts.objects.filter(facts=facts).select_related("facts", "coin").order_by("coin"):
                _correct(coin)
        decision = RestatementDecision.objects.create(
            facts=facts, verdict=verdict, reason=reason.strip(), decided_by=by
        )
        record("mining.restatement_decided", of=facts, after={"verdict": str(verdict)}, reason=reason)
    return decision


def _locked(facts_id: int) -> DayFacts:
    facts = DayFacts.objects.filter(pk=facts_id).first()
    if facts is None:
        raise NotFound
    with connection.cursor() as cursor:  # facts are never updated, so there is no row's lock to take
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mining.restatement'), %s)", [facts.day.toordinal()])
    if not undecided().filter(pk=facts_id).exists():
        raise NothingToDecide
    return facts


def _correct(coin: CoinFacts) -> None:
    known_at = known_at_first(coin.facts.day, coin.coin_id)
    last = Allocation.objects.filter(day=coin.facts.day, coin=coin.coin).order_by("-sequence").first()
    if last is None or known_at is None or last.facts_id == coin.facts_id:
        return
    the_plan = plan(coin, known_at=known_at)
    allocation = write_allocation(the_plan, *result_of(the_plan), sequence=last.sequence + 1)
    assert allocation is not None, "the lock lets only one correct a day"
    values = {**the_plan.parameters, "allocation": allocation.pk, "coin": coin.coin_id}
    with connection.cursor() as cursor:
        cursor.execute(the_plan.shares + INSERT_DIFFERENCES, values)
    _move(allocation)
    _move_companys_part(allocation, last)


def _move(allocation: Allocation) -> None:
    names = (reference(allocation), allocation.coin_id, SystemAccount.MINING_INCOME.value)
    with refusals_raised_by_the_database(), connection.cursor() as cursor:
        cursor.execute(POST_MORE, [*names, reference(allocation, "members"), *actor(""), allocation.pk])
        cursor.execute(COLLECT_LESS, [*names, *actor(""), allocation.pk])
        refusals = {refusal for (refusal,) in cursor.fetchall()} - {None}
    assert not refusals, f"taking back a member's income was refused: {refusals}"


def _move_companys_part(allocation: Allocation, last: Allocation) -> None:
    more = (allocation.total - allocation.members) - (last.total - last.members)
    sides = (SystemAccount.MINING_INCOME, SystemAccount.UNALLOCATED)
    source, target = sides if more > 0 else sides[::-1]
    if more:
        post(
            reference=reference(allocation, "company"),
            asset=allocation.coin_id,
            amount=abs(more),
            source=source,
            target=target,
        )
