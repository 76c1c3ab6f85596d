"""Two people decide what becomes of a day that the pool has said anew after its income was given out.

Money of many members moves by it, so one asks and another agrees; what each of them was shown is in `effects`.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from mining.models import Allocation, CoinFacts, DayFacts, RestatementDecision, Verdict
from mining.operations.allocate_income import reference
from mining.queries.income import known_at_first, plan, result_of
from mining.queries.restatements import DIFFERENCES, effects, undecided
from wallets.models.posting import ACTOR, actor, refusals_raised_by_the_database
from wallets.models.system_accounts import SystemAccount
from wallets.operations.post import post

INSERT_DIFFERENCES: Final = f"""
    {DIFFERENCES}
    INSERT INTO mining_incomes (allocation_id, user_id, power, amount)
    SELECT %(allocation)s, user_id, power, difference FROM differences WHERE difference <> 0
"""  # noqa: S608 - our own words
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


def propose_decision(*, facts_id: int, verdict: Verdict, reason: str, by: User) -> Proposal:
    """`correct` gives members the difference, or takes it back; `keep` leaves all as it was credited.

    Refuses as proposals do, and a version about which there is nothing to decide (any more).
    """
    if not undecided().filter(pk=facts_id).exists():
        raise NothingToDecide
    content = {"facts": facts_id, "verdict": str(verdict), "reason": reason.strip(), "by": by.pk}
    return propose(act=DECIDE_RESTATEMENT, content=content, by=by, reason=reason)


@needs_one()
def _decide(content: Content) -> dict[str, Any]:
    facts, verdict = _locked(content["facts"]), Verdict(content["verdict"])
    if verdict == Verdict.CORRECT:
        for coin in CoinFacts.objects.filter(facts=facts).select_related("facts", "coin").order_by("coin"):
            _correct(coin)
    RestatementDecision.objects.create(
        facts=facts, verdict=verdict, reason=content["reason"], decided_by_id=content["by"]
    )
    record("mining.restatement_decided", of=facts, after={"verdict": str(verdict)}, reason=content["reason"])
    return {"verdict": str(verdict)}


def _locked(facts_id: int) -> DayFacts:
    facts = _found(facts_id)
    with connection.cursor() as cursor:  # facts are never updated, so there is no row's lock to take
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mining.restatement'), %s)", [facts.day.toordinal()])
    if not undecided().filter(pk=facts_id).exists():
        raise NothingToDecide
    return facts


def _found(facts_id: int) -> DayFacts:
    facts = DayFacts.objects.filter(pk=facts_id).first()
    if facts is None:
        raise NotFound
    return facts


def _correct(coin: CoinFacts) -> None:
    known_at = known_at_first(coin.facts.day, coin.coin_id)
    last = Allocation.objects.filter(day=coin.facts.day, coin=coin.coin).order_by("-sequence").first()
    if last is None or known_at is None or last.facts_id == coin.facts_id:
        return
    the_plan = plan(coin, known_at=known_at)
    count, members = result_of(the_plan)
    allocation = Allocation.objects.create(
        facts_id=coin.facts_id,
        day=the_plan.day,
        coin=coin.coin,
        sequence=last.sequence + 1,
        total=the_plan.total,
        per_mega=the_plan.per_mega,
        power=the_plan.power,
        members=members,
        members_count=count,
        is_scaled=the_plan.is_scaled,
    )
    values = {**the_plan.parameters, "allocation": allocation.pk}
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


def _seen(content: Content) -> Mapping[str, Any]:
    """Facts and allocations never change, so their numbers say what the effect is without working it out anew."""
    given = Allocation.objects.filter(day=_found(content["facts"]).day).order_by("pk")
    return {
        "waits": undecided().filter(pk=content["facts"]).exists(),
        "allocations": list(given.values_list("pk", flat=True)),
    }


def _described(content: Content) -> Mapping[Any, Any]:
    facts = _found(content["facts"])
    shown: dict[Any, Any] = {_("pool day"): str(facts), _("decision"): Verdict(content["verdict"]).label}
    for effect in effects(facts):
        figures = {
            "given": format_amount(effect.given, 0),
            "due": format_amount(effect.members, 0),
            "difference": format_amount(effect.difference, 0),
            "more": effect.gaining,
            "less": effect.losing,
            "debt": format_amount(effect.debt, 0),
        }
        shown[effect.coin] = EFFECT % figures
    return shown


EFFECT: Final = _(
    "given out %(given)s, due now %(due)s: %(difference)s (%(more)s members get more, %(less)s give back, %(debt)s of it"
    " becomes debt)"
)
DECIDE_RESTATEMENT: Final = declare(
    Act(
        kind="mining.decide_restatement",
        label=_("Decide on a restated day"),
        may_propose=rights.permission("adjust_balances"),
        may_approve=rights.permission("adjust_balances"),
        execute=_decide,
        describe=_described,
        seen=_seen,
    )
)
