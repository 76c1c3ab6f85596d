"""Ranks: bit by bit they come to what a look at everybody comes to, and nobody falls."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from aeghash.core import clock
from organization.models import Member, Order, Rank, RankCause, RankChange, RankRule
from organization.operations.raise_ranks import raise_ranks
from organization.operations.recompute_ranks import recompute_ranks
from organization.operations.refund_order import refund_order
from organization.operations.set_rank import set_rank
from tests.organization.buying import bought
from tests.organization.planting import joined, planted
from tests.organization.ranking import ranks_by_reading_the_plan, ranks_kept
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def raised() -> None:
    """Other databases of the same server may hold the horizon back for a moment."""

    def is_raised() -> bool:
        raise_ranks()
        return ranks_kept() == ranks_by_reading_the_plan()

    until(is_raised)


def rank_of(member: Member) -> str:
    member.refresh_from_db()
    return member.rank


def test_everybody_begins_free() -> None:
    (root,) = planted([None])
    raised()
    assert rank_of(root) == "FREE"
    assert not RankChange.objects.exists()


def test_ten_direct_referrals_make_d0() -> None:
    root, *_ = planted([None] + [0] * 9)
    raised()
    assert rank_of(root) == "FREE"
    joined(root)
    raised()
    assert rank_of(root) == "D0"


@pytest.mark.parametrize(("amounts", "rank"), [(["199.99"], "FREE"), (["200"], "D0"), (["120", "80"], "D0")])
def test_own_sales_of_200_make_d0(amounts: list[str], rank: str) -> None:
    (root,) = planted([None])
    for amount in amounts:
        bought(root, total=Decimal(amount))
    raised()
    assert rank_of(root) == rank


def test_what_was_refunded_before_is_no_sale_and_after_takes_nothing_back() -> None:
    one, other = planted([None, 0])
    refund_order(order=bought(one, total=200))
    order = bought(other, total=200)
    raised()
    assert (rank_of(one), rank_of(other)) == ("FREE", "D0")
    refund_order(order=order)
    raised()
    assert rank_of(other) == "D0"


def test_two_referrals_of_the_rank_below_or_higher_make_the_next_all_the_way_up() -> None:
    """A full tree of two each: whoever is k above the leaves becomes D(k)."""
    members = planted([None, *((number - 1) // 2 for number in range(1, 127))])
    for leaf in members[63:]:
        bought(leaf, total=200)
    raised()
    ranks = [rank_of(members[2**level - 1]) for level in range(7)]
    assert ranks == ["D5", "D5", "D4", "D3", "D2", "D1", "D0"]


def test_the_history_says_by_which_figures() -> None:
    (root,) = planted([None])
    bought(root, total=Decimal("250.5"))
    raised()
    change = RankChange.objects.get()
    rule = RankRule.objects.get(rank="D0")
    assert (change.member, change.before, change.after, change.cause) == (root, "FREE", "D0", RankCause.RULE)
    expected = {"rule": rule.pk, "own_sales": "250.5", "direct_referrals": 0, "referrals_of_rank_below": 0}
    assert change.reason == expected


def test_a_rank_by_hand_raises_the_sponsor_and_may_be_risen_above() -> None:
    root, one, other = planted([None, 0, 0])
    for member in (one, other):
        set_rank(member=member, rank="D1", reason="a promise")
    raised()
    assert rank_of(root) == "D2"
    set_rank(member=root, rank="D3", reason="a promise")
    for member in (one, other):
        set_rank(member=member, rank="D4", reason="a promise")
    raised()
    assert rank_of(root) == "D5"


def test_a_rank_lowered_by_hand_is_held_until_a_higher_one_is_set() -> None:
    (root,) = planted([None])
    bought(root, total=200)
    raised()
    set_rank(member=root, rank="FREE", reason="bought from himself")
    bought(root, total=200)
    raised()
    assert recompute_ranks() == 0
    assert rank_of(root) == "FREE"
    set_rank(member=root, rank="D1", reason="cleared up")
    assert (rank_of(root), root.is_rank_held) == ("D1", False)


def test_a_new_rule_holds_from_its_time_on() -> None:
    (root,) = planted([None])
    bought(root, total=150)
    later = clock.now() + timedelta(days=1)
    RankRule.objects.create(rank="D0", valid_from=later, own_sales=100)
    assert recompute_ranks() == 0
    with clock.steered(lambda: later):
        assert recompute_ranks() == 1
    assert rank_of(root) == "D0"


@pytest.mark.parametrize("seed", range(2))
def test_bit_by_bit_is_what_the_oracle_says_after_every_step(seed: int) -> None:
    check_history(random.Random(seed), steps=25)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 130))
def test_bit_by_bit_is_what_the_oracle_says_in_long_histories(seed: int) -> None:
    check_history(random.Random(seed), steps=150)


def check_history(chance: random.Random, *, steps: int) -> None:
    members = planted([None])
    for _ in range(steps):
        for _ in range(chance.choice([1, 1, 1, 4])):
            happens(chance, members)
        before = ranks_kept()
        raised()
        after = ranks_kept()
        assert recompute_ranks() == 0
        assert all(Rank.values.index(after[pk]) >= Rank.values.index(before[pk]) for pk in before)
    explained = dict.fromkeys(ranks_kept(), "FREE")
    for change in RankChange.objects.order_by("pk"):
        assert explained[change.member_id] == change.before
        explained[change.member_id] = change.after
    assert explained == ranks_kept()


def happens(chance: random.Random, members: list[Member]) -> None:
    """Few sponsors and much buying, so that the higher ranks come about."""
    match chance.choices(["join", "buy", "refund", "by hand"], [5, 6, 1, 1])[0]:
        case "join":
            members.append(joined(chance.choice(members[-8:])))
        case "buy":
            bought(chance.choice(members), total=chance.choice([60, 120, 200]))
        case "refund":
            orders = list(Order.objects.filter(refund__isnull=True).order_by("pk"))
            if orders:
                refund_order(order=chance.choice(orders))
        case "by hand":
            set_rank(member=chance.choice(members), rank=chance.choice(Rank.values[:4]), reason="chance")


@pytest.mark.parametrize("seed", range(2))
def test_the_oracle_alone_comes_to_the_same(seed: int) -> None:
    chance = random.Random(seed)
    members = planted([None])
    for _ in range(60):
        happens(chance, members)
    expected = ranks_by_reading_the_plan()
    recompute_ranks()
    assert ranks_kept() == expected
