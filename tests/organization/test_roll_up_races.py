"""Two at once, and killed ones: no order is counted twice or lost, nobody waits, nobody falls."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from aeghash.core import checkpoints
from aeghash.core.actors import acting_as, job
from aeghash.core.models import Watermark
from aeghash.core.watermark import horizon
from organization.models import Member, Order, RankChange
from organization.operations import raise_ranks as raising
from organization.operations.raise_ranks import raise_ranks
from organization.operations.roll_up_volumes import roll_up_volumes
from organization.operations.set_rank import set_rank
from tests.database import Owner
from tests.organization.buying import bought
from tests.organization.counting import kept, recounted
from tests.organization.planting import joined, planted
from tests.organization.ranking import ranks_by_reading_the_plan, ranks_kept
from tests.races import Interleaving, Outcome
from tests.races.processes import Processes
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def is_counted() -> bool:
    roll_up_volumes()
    return kept() == recounted()


def waiting_order(buyer: Member) -> Order:
    """One that the next roll-up will take."""
    order = bought(buyer, total=200)
    until(lambda: horizon() > order.xid)
    return order


def two_roll_ups(before: Callable[[], object] = lambda: None) -> tuple[Outcome, Outcome]:
    members = planted([None, 0, 0, 1])
    bought(members[3])
    until(is_counted)  # so that both will find rows to add to
    waiting_order(members[3])
    before()
    return Interleaving(at="volumes: days counted").run(roll_up_volumes, roll_up_volumes)


def test_of_two_roll_ups_at_once_the_second_finds_nothing_left() -> None:
    first, second = two_roll_ups()
    assert (first.value, second.value) == (3, 0)
    assert kept() == recounted()


def test_control_without_the_watermarks_lock_both_would_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(name: str) -> int:
        return Watermark.objects.get(name=name).position

    first, second = two_roll_ups(lambda: monkeypatch.setattr("aeghash.core.watermark._locked_position", unlocked))
    assert (first.value, second.value) == (3, 3)
    assert kept() != recounted()


@pytest.mark.parametrize("where", ["volumes: days counted", "volumes: before commit"])
def test_a_roll_up_that_fails_anywhere_counts_nothing(where: str) -> None:
    members = planted([None, 0, 0, 1])
    waiting_order(members[3])
    with checkpoints.hooked(dying_at(where)), pytest.raises(ZeroDivisionError):
        roll_up_volumes()
    assert kept() == {}
    until(is_counted)


@pytest.mark.parametrize("where", ["ranks: members locked", "ranks: level raised"])
def test_a_pass_over_the_ranks_that_fails_anywhere_raises_nobody(where: str) -> None:
    members = planted([None, 0, 0])
    for member in members[1:]:
        waiting_order(member)
    with checkpoints.hooked(dying_at(where)), pytest.raises(ZeroDivisionError):
        raise_ranks()
    assert set(ranks_kept().values()) == {"FREE"}
    assert not RankChange.objects.exists()
    raise_ranks()
    assert ranks_kept() == ranks_by_reading_the_plan()
    assert [ranks_kept()[member.pk] for member in members] == ["D1", "D0", "D0"]


def dying_at(where: str) -> Callable[[str], None]:
    def hook(name: str) -> None:
        if name == where:
            raise ZeroDivisionError

    return hook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "where", "table"),
    [
        ("rollup_volumes", "volumes: before commit", "organization_group_ranks"),
        ("recompute_ranks", "ranks: counted anew", "watermarks"),
    ],
)
def test_members_join_and_buy_while_one_is_stuck_and_its_death_loses_nothing(
    command: str, where: str, table: str, owner: Owner
) -> None:
    members = planted([None, 0, 0, 1])
    waiting_order(members[3])
    with Processes(kinds="tests.core.job_kinds", REDIS_URL="") as processes:
        stuck = processes.start(command, PAUSE_AT=where)
        until(lambda: has_begun_to_write(table, owner))
        members.append(joined(members[3]))
        bought(members[4])
        bought(members[3])
        stuck.send_signal(signal.SIGKILL)
        stuck.wait()
    until(is_counted)
    until(are_raised)


def are_raised() -> bool:
    raise_ranks()
    return ranks_kept() == ranks_by_reading_the_plan()


def has_begun_to_write(table: str, owner: Owner) -> bool:
    query = "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND mode = 'RowExclusiveLock'"
    return owner.execute(query, [table]).fetchone() is not None


def rank_by_hand_while_the_rules_raise() -> Member:
    (member,) = planted([None])
    waiting_order(member)

    def by_hand() -> None:
        with acting_as(job("test")):
            set_rank(member=member, rank="D3", reason="a promise")

    outcomes = Interleaving(at="ranks: members locked").run(raise_ranks, by_hand)
    assert [outcome.error for outcome in outcomes] == [None, None]
    member.refresh_from_db()
    return member


def test_a_rank_set_by_hand_in_the_same_moment_stands() -> None:
    assert rank_by_hand_while_the_rules_raise().rank == "D3"
    assert list(RankChange.objects.order_by("pk").values_list("before", "after")) == [("FREE", "D0"), ("D0", "D3")]


def test_control_without_the_members_lock_it_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(member_ids: Any) -> dict[int, str]:
        return dict(Member.objects.filter(pk__in=member_ids).values_list("pk", "rank"))

    monkeypatch.setattr(raising, "locked_ranks", unlocked)
    assert rank_by_hand_while_the_rules_raise().rank == "D0"
