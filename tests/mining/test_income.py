"""Income: exactly by the rules, once, whatever happens."""

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeghash.core import clock, ids
from aeghash.core.actors import acting_as, command
from aeghash.core.checkpoints import hooked
from aeghash.core.errors import Invalid, NotAllowed
from aeghash.core.models import Alert, AuditRow, Proposal, User
from aeghash.core.money import allocate, round_down
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover, agree
from mining.clients.hashdam import CoinIncome, DayReport
from mining.models import (
    Allocation,
    CoinFacts,
    DayFacts,
    Direction,
    Grant,
    Income,
    MiningBalance,
    RestatementDecision,
    Verdict,
)
from mining.operations.allocate_due_days import allocate_due_days
from mining.operations.allocate_income import DayNotOver, FactsFlawed, FactsMissing, allocate_income
from mining.operations.credit_hash_power import credit_hash_power
from mining.operations.decide_restatement import NothingToDecide, propose_decision
from mining.operations.store_day import store_day
from mining.queries.income import plan, result_of, share_of
from mining.queries.restatements import MemberEffect, effects, member_effects, undecided
from tests.database import connect_as_owner
from tests.people import make_staff
from tests.races import run_together
from wallets.models import Asset, Balance, Debt, SystemAccount, Transfer
from wallets.operations.post import post

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 1, 5)
COINS = ("BELLS", "DINGO", "DOGE", "JKC", "LKY", "LTC", "PEP", "SHIC")


@pytest.fixture(autouse=True)
def _somebody_acts() -> Any:
    with acting_as(command("test")):
        yield


def make_users(count: int) -> list[User]:
    return User.objects.bulk_create(User(email=f"m{n}@example.com", uid=f"m{n}") for n in range(count))


def power(user: User, amount: str, **options: Any) -> Grant:
    return credit_hash_power(user=user, hash=Decimal(amount), source="mall", **{"starts_on": DAY, **options})


def facts(rate: str, total: str, day: date = DAY, **others: tuple[str, str]) -> DayFacts | None:
    """Of LTC that rate and total, of the other coins nothing unless told."""
    figures = dict.fromkeys(COINS, ("0", "0")) | {"LTC": (rate, total)} | others
    incomes = {
        coin: CoinIncome(total=Decimal(total), per_mega=Decimal(rate), price=Decimal(1))
        for coin, (rate, total) in figures.items()
    }
    one = Decimal(1)
    return store_day(
        report=DayReport(
            day=day, raw={}, hash_rate=one, hash_rate_mega=one, efficiency=one, reject=one, incomes=incomes
        )
    )


def balances(coin: str = "LTC") -> list[Decimal]:
    return list(Balance.objects.filter(asset=coin).order_by("user_id").values_list("amount", flat=True))


def test_a_member_gets_power_times_rate_rounded_down_and_the_company_the_rest(check_invariants_after: None) -> None:
    first, second, idle = make_users(3)
    power(first, "100.5")
    power(second, "3")
    power(idle, "5", ends_on=DAY + timedelta(days=1))
    power(idle, "5", direction=Direction.DEBIT, ends_on=DAY + timedelta(days=1))
    facts("0.0000010000007", "1")
    ltc = next(result for result in allocate_income(day=DAY) if result.coin == "LTC")
    assert balances() == [Decimal("0.00010050007"), Decimal("0.000003000002")]
    assert (ltc.members, ltc.members_count, ltc.is_scaled) == (Decimal("0.000103500072"), 2, False)
    assert ltc.company == Decimal("0.999896499928")
    assert Transfer.objects.get(reference=f"mining:{DAY}:LTC:company").amount == ltc.company
    assert AuditRow.objects.filter(verb="mining.income_allocated").count() == 8
    income = Income.objects.get(user=first)
    assert (income.power, income.allocation.per_mega) == (Decimal("100.5"), Decimal("0.0000010000007"))


def test_more_than_the_pool_paid_is_never_given_out(check_invariants_after: None) -> None:
    for user in make_users(3):
        power(user, "1")
    facts("0.5", "1.000000000001")
    ltc = next(result for result in allocate_income(day=DAY) if result.coin == "LTC")
    assert balances() == [Decimal("0.333333333334"), Decimal("0.333333333334"), Decimal("0.333333333333")]
    assert (ltc.is_scaled, ltc.company) == (True, Decimal())


def test_a_second_run_pays_nobody_again(check_invariants_after: None) -> None:
    power(make_users(1)[0], "2")
    facts("0.5", "10")
    assert {result.is_new for result in allocate_income(day=DAY)} == {True}
    assert {result.is_new for result in allocate_income(day=DAY)} == {False}
    assert balances() == [1]


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    power(make_users(1)[0], "2")
    facts("0.5", "10")
    foreseen = allocate_income(day=DAY, dry_run=True)
    assert not Allocation.objects.exists()
    assert not Transfer.objects.exists()
    assert foreseen == allocate_income(day=DAY)


def test_a_grant_dated_back_leaves_a_day_that_was_given_out_alone(check_invariants_after: None) -> None:
    first, late = make_users(2)
    power(first, "2")
    facts("0.5", "10")
    allocate_income(day=DAY)
    power(late, "5")
    allocate_income(day=DAY)
    assert balances() == [1]


@pytest.mark.parametrize("refusal", [DayNotOver, FactsMissing, FactsFlawed])
def test_what_cannot_be_given_out_changes_nothing(refusal: type[Exception]) -> None:
    power(make_users(1)[0], "2")
    day, before = DAY, 0
    if refusal is DayNotOver:
        day = clock.today()
    if refusal is FactsFlawed:
        facts("0.5", "10")
        store_day(report=DayReport(day=DAY, raw={"x": "NaN"}, flaw="LTC.total: not_a_decimal"))
        before = Alert.objects.get(key=f"mining.day:{DAY}").count
    with pytest.raises(refusal):
        allocate_income(day=day)
    assert not Allocation.objects.exists()
    assert not Balance.objects.exists()
    if refusal is FactsFlawed:
        assert Alert.objects.get(key=f"mining.day:{DAY}").count == before + 1


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(16))
def test_killed_anywhere_and_run_again_pays_each_once(after: int, check_invariants_after: None) -> None:
    power(make_users(1)[0], "2")
    others = {coin: ("0.25", "10") for coin in COINS if coin != "LTC"}
    facts("0.5", "10", DAY, **others)
    left = iter(range(after))

    def hook(_name: str) -> None:
        if _name.startswith("mining") and next(left, None) is None:
            raise Killed

    with pytest.raises(Killed), hooked(hook):
        allocate_income(day=DAY)
    assert Allocation.objects.count() == after // 2
    allocate_income(day=DAY)
    assert sorted(Balance.objects.values_list("amount", flat=True)) == [Decimal("0.5")] * 7 + [Decimal(1)]


def test_two_runs_at_once_pay_each_once(check_invariants_after: None) -> None:
    for user in make_users(20):
        power(user, "2")
    facts("0.5", "100")

    def run() -> set[bool]:
        with acting_as(command("test")):
            return {result.is_new for result in allocate_income(day=DAY)}

    outcomes = run_together(run, run, run)
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert balances() == [1] * 20


POWERS = st.lists(st.decimals("0.000000000000000001", 10**6, places=18), min_size=1, max_size=8)
RATES = st.decimals(0, 10, places=18) | st.decimals(0, 10**15, places=6)
TOTALS = st.decimals(0, 10**15, places=18)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(POWERS, RATES, TOTALS, st.sampled_from([0, 6, 12]))
def test_sums_conserve_and_nobody_gets_more_than_their_part(
    powers: list[Decimal], rate: Decimal, total: Decimal, places: int
) -> None:
    """Against the same rule worked out by `core.money`."""
    tests = User.objects.count()
    users = User.objects.bulk_create(User(email=f"h{tests + n}@example.com") for n in range(len(powers)))
    Grant.objects.bulk_create(
        Grant(user=u, hash=p, source="x", starts_on=DAY) for u, p in zip(users, powers, strict=True)
    )
    with_facts = DayFacts(day=DAY, version=1)
    coin = CoinFacts(
        facts=with_facts, total=total, per_mega=rate, price=Decimal(), coin=Asset(symbol="LTC", places=places)
    )
    the_plan = plan(coin, known_at=clock.now())
    got = {user.pk: share_of(the_plan, user.pk)[1] for user in users}
    assert result_of(the_plan) == (sum(share > 0 for share in got.values()), sum(got.values()))
    raw = {user.pk: round_down(power * rate, places) for user, power in zip(users, powers, strict=True)}
    paid = round_down(total, places)
    expected = (
        raw
        if sum(raw.values()) <= paid
        else allocate(paid, {user.pk: power for user, power in zip(users, powers, strict=True)}, places=places)
    )
    assert got == expected
    assert sum(got.values()) <= paid
    with connect_as_owner() as owner:  # each example begins without the last one's grants
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM mining_grants")


def test_a_restatement_is_shown_and_changes_nothing_by_itself(check_invariants_after: None) -> None:
    users = make_users(3)
    for user, amount in zip(users, "123", strict=True):
        power(user, amount)
    facts("0.5", "10")
    allocate_income(day=DAY)
    assert balances() == [Decimal("0.5"), 1, Decimal("1.5")]
    again = facts("0.75", "4")
    assert again is not None
    assert list(undecided()) == [again]
    ltc = next(effect for effect in effects(again) if effect.coin == "LTC")
    assert [ltc.total_before, ltc.total, ltc.given, ltc.members, ltc.difference] == [10, 4, 3, 4, 1]
    allocate_income(day=DAY)
    assert balances() == [Decimal("0.5"), 1, Decimal("1.5")]


def proposed(again: DayFacts, verdict: Verdict, by: User) -> Proposal:
    return propose_decision(facts_id=again.pk, verdict=verdict, reason="the pool's word", by=by)


def decide(again: DayFacts, verdict: Verdict = Verdict.CORRECT) -> None:
    """One person of finance asks, another agrees."""
    name = ids.request_id()[:8]
    proposal = proposed(again, verdict, make_staff(f"one-{name}", "finance"))
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=make_staff(f"two-{name}", "finance"))


@pytest.mark.parametrize(("rate", "total", "after"), [("0.75", "10", ["0.75", "1.5"]), ("0.25", "10", ["0.25", "0.5"])])
def test_a_correction_gives_more_or_takes_back(
    rate: str, total: str, after: list[str], check_invariants_after: None
) -> None:
    first, second, late = make_users(3)
    power(first, "1")
    power(second, "2")
    facts("0.5", "10")
    allocate_income(day=DAY)
    power(late, "7")
    again = facts(rate, total)
    assert again is not None
    decide(again)
    assert balances() == [Decimal(text) for text in after]
    assert not undecided().exists()
    with pytest.raises(NothingToDecide):
        decide(again)
    assert balances() == [Decimal(text) for text in after]


def test_one_person_alone_moves_nothing(check_invariants_after: None) -> None:
    power(make_users(1)[0], "1")
    facts("0.5", "10")
    allocate_income(day=DAY)
    again = facts("0.75", "10")
    assert again is not None
    first, second = make_staff("first", "finance"), make_staff("second", "finance", "operations")
    with pytest.raises(NotAllowed):
        proposed(again, Verdict.CORRECT, make_staff("third", "operations"))
    proposal = proposed(again, Verdict.CORRECT, first)
    with pytest.raises(SameApprover):
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=first)
    assert balances() == [Decimal("0.5")]
    once_more = facts("0.625", "10")
    assert once_more is not None
    with pytest.raises(ProposalChanged):  # the pool has said it anew since: this isn't what they were shown
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=second)
    assert balances() == [Decimal("0.5")]
    assert not RestatementDecision.objects.exists()


def test_two_agreeing_at_once_correct_it_once(check_invariants_after: None) -> None:
    power(make_users(1)[0], "1")
    facts("0.5", "10")
    allocate_income(day=DAY)
    again = facts("0.75", "10")
    assert again is not None
    first, second = make_staff("first", "finance"), make_staff("second", "finance")
    proposals = [(proposed(again, Verdict.CORRECT, first), second), (proposed(again, Verdict.CORRECT, second), first)]
    run_together(
        *[partial(agree, proposal_id=proposal.pk, digest=proposal.digest, by=by) for proposal, by in proposals]
    )
    assert balances() == [Decimal("0.75")]
    assert RestatementDecision.objects.count() == 1


def test_the_effect_is_shown_per_member_and_what_would_be_owed() -> None:
    first, second = make_users(2)
    power(first, "1")
    power(second, "3")
    facts("0.5", "10")
    allocate_income(day=DAY)
    post(reference="spent", asset="LTC", amount=Decimal("0.4"), source=first.pk, target=SystemAccount.FEES)
    again = facts("0.25", "10")
    assert again is not None
    ltc = [each for each in member_effects(again, 5) if each.coin == "LTC"]
    quarter, half = Decimal("0.25"), Decimal("0.5")
    assert ltc == [
        MemberEffect("LTC", "m1", Decimal(3), 3 * half, 3 * quarter, -3 * quarter, Decimal(0)),
        MemberEffect("LTC", "m0", Decimal(1), half, quarter, -quarter, Decimal("0.15")),
    ]
    assert len([each for each in member_effects(again, 1) if each.coin == "LTC"]) == 1
    effect = next(effect for effect in effects(again) if effect.coin == "LTC")
    assert (effect.gaining, effect.losing, effect.debt) == (0, 2, Decimal("0.15"))
    decide(again)
    assert Debt.objects.get().amount == effect.debt


def test_what_was_spent_already_is_owed(check_invariants_after: None) -> None:
    (first,) = make_users(1)
    power(first, "1")
    facts("0.5", "10")
    allocate_income(day=DAY)
    post(reference="spent", asset="LTC", amount=Decimal("0.4"), source=first.pk, target=SystemAccount.FEES)
    again = facts("0.25", "10")
    assert again is not None
    decide(again)
    assert balances() == [0]
    assert Debt.objects.get().amount == Decimal("0.15")


def test_a_decision_to_keep_changes_nothing(check_invariants_after: None) -> None:
    (user,) = make_users(1)
    power(user, "1")
    facts("0.5", "10")
    allocate_income(day=DAY)
    again = facts("0.25", "10")
    assert again is not None
    with pytest.raises(Invalid):
        propose_decision(facts_id=again.pk, verdict=Verdict.KEEP, reason=" ", by=make_staff("finance", "finance"))
    decide(again, Verdict.KEEP)
    assert balances() == [Decimal("0.5")]
    assert not undecided().exists()


def test_days_that_were_missed_are_given_out_and_a_flawed_one_holds_up_no_other(check_invariants_after: None) -> None:
    (user,) = make_users(1)
    start = clock.today() - timedelta(days=5)
    power(user, "2", starts_on=start)
    for n in (-1, 0, 1, 3):
        facts("0.5", "10", day=start + timedelta(days=n))
    bad = start + timedelta(days=2)
    store_day(report=DayReport(day=bad, raw={}, flaw="x: y"))
    assert allocate_due_days().keys() == {bad}
    assert balances() == [3]
    assert allocate_due_days().keys() == {bad}
    assert balances() == [3]
    facts("0.5", "10", day=bad)
    assert not allocate_due_days()
    assert balances() == [4]
    reports = MiningBalance.objects.order_by("day")
    assert [row.cumulative for row in reports] == [{"LTC": str(n)} for n in (1, 2, 3, 4)]
    assert {(row.power, row.incomes["LTC"]) for row in reports} == {(Decimal(2), "1")}


def test_the_command_says_what_it_gave(capsys: pytest.CaptureFixture[str]) -> None:
    power(make_users(1)[0], "2")
    facts("0.5", "10")
    call_command("allocate_mining", str(DAY), "--dry-run", "--json")
    assert not Allocation.objects.exists()
    call_command("allocate_mining", str(DAY), "--json")
    foreseen, given = map(json.loads, capsys.readouterr().out.splitlines())
    assert foreseen["coins"] == given["coins"]
    with pytest.raises(SystemExit) as ended:
        call_command("allocate_mining", str(clock.today()))
    assert ended.value.code == 1
