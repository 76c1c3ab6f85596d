"""Many join at once, and some are killed: no slot twice, nobody lost, nothing half placed, nobody waits for each other."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from aeghash.core import catalogue
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import User
from organization.models import Member, Node, Tree
from tests.database import Owner
from tests.organization.trees import Oracle, join, place_of, tree_as_stored
from tests.races import Interleaving, Processes, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("placement")]

LOCK = "PERFORM pg_advisory_xact_lock(hashtext('organization_nodes'), hashtext('binary'));"


@contextmanager
def without_the_lock(owner: Owner) -> Iterator[None]:
    """The product's own function, but for one line."""
    (source,) = owner.execute("SELECT pg_get_functiondef('place_member'::regproc)").fetchone() or ("",)
    assert source.count(LOCK) == 1
    owner.execute(source.replace(LOCK, ""))
    try:
        yield
    finally:
        owner.execute(source)


def join_and_pause(name: str, sponsor: Member) -> Member:
    with transaction.atomic():
        member = join(name, sponsor)
        checkpoint("test: joined")
        return member


def two_at_once(root: Member) -> tuple[Any, Any, bool]:
    interleaving = Interleaving(at="test: joined", grace=0.5)
    first, second = interleaving.run(partial(join_and_pause, "first", root), partial(join, "second", root))
    return first, second, interleaving.second_had_to_wait


def test_without_the_lock_two_find_the_same_slot(owner: Owner) -> None:
    """The negative control: what stands behind the lock then refuses the second."""
    root = join("company")
    with without_the_lock(owner):
        first, second, _waited = two_at_once(root)
    assert first.error is None
    assert isinstance(second.error, IntegrityError)
    assert "organization_nodes_one_per_side" in str(second.error)
    assert not User.objects.filter(uid="second").exists()


def test_with_the_lock_the_second_waits_and_gets_the_next_slot() -> None:
    first, second, waited = two_at_once(join("company"))
    assert waited
    assert [place_of(outcome.value).side for outcome in (first, second)] == ["L", "R"]


def joining(processes: Processes, act: str, **words: int) -> Any:
    given = ", ".join(f"{name}={value}" for name, value in words.items())
    return processes.start(
        "shell", "--no-imports", "-c", f"from tests.organization import joiner; joiner.{act}({given})"
    )


def replayed() -> dict[str, dict[str, str]]:
    """Where the oracle puts everybody, in the order in which they were really placed."""
    oracle = Oracle()
    placed = Node.objects.filter(tree=Tree.BINARY).order_by("pk")
    for uid, sponsor, side in placed.values_list("member__user__uid", "member__sponsor__user__uid", "asked_side"):
        oracle.join(str(uid), sponsor, side)
    return oracle.children


def check_everything() -> None:
    assert tree_as_stored() == replayed()
    for entry in catalogue.entries():
        assert not entry.id.startswith("O") or catalogue.look(entry).holds
    assert Member.objects.count() == User.objects.count()


@pytest.mark.parametrize(
    ("crowd", "each"), [pytest.param(2, 60, id="small"), pytest.param(8, 500, id="full", marks=pytest.mark.prove)]
)
def test_processes_at_once_place_everybody_where_the_oracle_does(crowd: int, each: int) -> None:
    join("company")
    with Processes(kinds="tests.organization.joiner") as processes:
        started = [joining(processes, "join_some", seed=seed, count=each) for seed in range(crowd)]
        assert [process.wait(240) for process in started] == [0] * crowd
    assert Member.objects.count() == crowd * each + 1
    check_everything()


@pytest.mark.parametrize("kills", [pytest.param(1, id="small"), pytest.param(40, id="full", marks=pytest.mark.prove)])
def test_killed_clients_leave_nothing_half_placed(kills: int) -> None:
    join("company")
    chance = random.Random(5)
    with Processes(kinds="tests.organization.joiner") as processes:
        survivor = joining(processes, "join_some", seed=0, count=100)
        for kill in range(1, kills + 1):
            victim = joining(processes, "join_some", seed=kill, count=10_000)
            assert eventually(User.objects.filter(uid=f"{kill}-0").exists)
            time.sleep(chance.random() / 10)
            processes.kill(victim)
        assert survivor.wait(120) == 0
    assert eventually(nobody_holds_the_lock)
    assert User.objects.filter(uid__startswith="0-").count() == 100
    check_everything()


def nobody_holds_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = hashtext('organization_nodes')::oid"
        )
        return bool(cursor.fetchone() == (0,))


@pytest.mark.parametrize(
    ("crowd", "each"), [pytest.param(2, 30, id="small"), pytest.param(4, 300, id="full", marks=pytest.mark.prove)]
)
def test_lots_with_the_same_numbers_in_any_order_never_wait_for_each_other(owner: Owner, crowd: int, each: int) -> None:
    join("company")
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = owner.execute(deadlocks).fetchone()
    with Processes(kinds="tests.organization.joiner") as processes:
        started = [joining(processes, "join_lots", seed=seed, count=each, uids=each * 2) for seed in range(crowd)]
        assert [process.wait(240) for process in started] == [0] * crowd
    assert owner.execute(deadlocks).fetchone() == before
    assert Member.objects.count() > each
    check_everything()
