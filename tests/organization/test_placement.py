"""Every place is the one that a breadth-first search would find, however members come."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from aeghash.core import catalogue
from aeghash.core.actors import acting_as, job
from aeghash.core.errors import Conflict, Duplicate, Invalid
from aeghash.core.models import AuditRow
from organization.models import Member, Node, Side, Tree
from organization.operations.join_members import Newcomer, join_members
from tests.organization.trees import Oracle, join, place_of, tree_as_stored

pytestmark = pytest.mark.django_db


def random_newcomers(count: int, seed: int) -> list[Newcomer]:
    """Some sponsors bring many, some one; a third asks for a side."""
    chance = random.Random(seed)
    newcomers = [Newcomer("0")]
    for number in range(1, count):
        favourite = chance.random() < 0.3
        sponsor = int(chance.random() ** 3 * number) if favourite else chance.randrange(number)
        newcomers.append(
            Newcomer(str(number), sponsor_uid=str(sponsor), side=chance.choice((None, None, None, "L", "R")))
        )
    return newcomers


def expected(newcomers: Sequence[Newcomer]) -> dict[str, dict[str, str]]:
    oracle = Oracle()
    for newcomer in newcomers:
        oracle.join(newcomer.uid, newcomer.sponsor_uid, newcomer.side)
    return oracle.children


def join_all(newcomers: Sequence[Newcomer]) -> None:
    with acting_as(job("test")):
        join_members(newcomers=newcomers)


def check_catalogue() -> None:
    assert [catalogue.look(entry).violations for entry in catalogue.entries() if entry.id in ("O1", "O2")] == [[], []]


@pytest.mark.parametrize("count", [400, pytest.param(3000, marks=pytest.mark.prove)])
def test_one_by_one(count: int) -> None:
    newcomers = random_newcomers(count, seed=1)
    members: dict[str, Member] = {}
    for newcomer in newcomers:
        sponsor = members[newcomer.sponsor_uid] if newcomer.sponsor_uid else None
        members[newcomer.uid] = join(newcomer.uid, sponsor, Side(newcomer.side) if newcomer.side else None)
    assert tree_as_stored() == expected(newcomers)
    check_catalogue()


@pytest.mark.parametrize("count", [3000])
def test_many_at_once_come_to_the_same_places(count: int) -> None:
    newcomers = random_newcomers(count, seed=2)
    for start in range(0, count, 700):
        join_all(newcomers[start : start + 700])
    assert tree_as_stored() == expected(newcomers)
    check_catalogue()


@settings(max_examples=40, deadline=None)
@given(
    asked=st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from((None, "L", "R"))), min_size=1, max_size=40),
)
def test_whatever_sponsors_and_sides_are_asked_for(asked: list[tuple[int, str | None]]) -> None:
    newcomers = [Newcomer("0")]
    for number, (sponsor, side) in enumerate(asked, 1):
        newcomers.append(Newcomer(str(number), sponsor_uid=str(sponsor % number), side=side))
    with transaction.atomic():
        join_all(newcomers)
        assert tree_as_stored() == expected(newcomers)
        check_catalogue()
        transaction.set_rollback(True)


RECORD = ("side", "depth", "min_open", "asked_side", "looked_at")


def test_many_at_once_leave_the_same_records_as_one_by_one() -> None:
    newcomers = random_newcomers(60, seed=3)
    columns = (
        "member__user__uid",
        "tree",
        "parent__member__user__uid",
        "side",
        "depth",
        "min_open",
        "asked_side",
        "looked_at",
    )
    with transaction.atomic():
        join_all(newcomers)
        at_once = list(Node.objects.order_by("member", "tree").values_list(*columns))
        transaction.set_rollback(True)
    members: dict[str, Member] = {}
    for newcomer in newcomers:
        sponsor = members[newcomer.sponsor_uid] if newcomer.sponsor_uid else None
        members[newcomer.uid] = join(newcomer.uid, sponsor, Side(newcomer.side) if newcomer.side else None)
    assert list(Node.objects.order_by("member", "tree").values_list(*columns)) == at_once


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (Newcomer("1", sponsor_uid="0"), Duplicate),
        (Newcomer("x", email="taken@example.com", sponsor_uid="0"), Duplicate),
        (Newcomer("x"), Duplicate),
        (Newcomer("x", sponsor_uid="nobody"), Conflict),
        (Newcomer("x", sponsor_uid="x"), Invalid),
        (Newcomer("x", sponsor_uid="later"), Conflict),
        (Newcomer("x\0", sponsor_uid="0"), Invalid),
        (Newcomer("x", sponsor_uid="0", side="M"), Invalid),
        (Newcomer("x", email="x", sponsor_uid="0"), Invalid),
    ],
)
def test_one_wrong_newcomer_keeps_the_whole_lot_out(wrong: Newcomer, refusal: type[Exception]) -> None:
    join_all([Newcomer("0"), Newcomer("1", email="taken@example.com", sponsor_uid="0")])
    before = Member.objects.count(), Node.objects.count(), AuditRow.objects.count()
    lot = [Newcomer("a", sponsor_uid="0"), wrong, Newcomer("later", sponsor_uid="0")]
    with pytest.raises(refusal), transaction.atomic():
        join_all(lot)
    assert (Member.objects.count(), Node.objects.count(), AuditRow.objects.count()) == before


def test_in_an_empty_house_a_sponsor_who_comes_later_makes_nobody_the_root() -> None:
    with pytest.raises(Conflict), transaction.atomic():
        join_all([Newcomer("x", sponsor_uid="y"), Newcomer("y", sponsor_uid="x")])
    assert not Member.objects.exists()


def test_a_lot_is_one_row_of_the_trail() -> None:
    with acting_as(job("test")):
        join_members(newcomers=[Newcomer("0"), Newcomer("1", sponsor_uid="0")], reason="members.csv, lines 2 to 3")
    row = AuditRow.objects.get()
    assert (row.verb, row.after, row.reason) == (
        "members.joined",
        {"members": 2, "last_uid": "1"},
        "members.csv, lines 2 to 3",
    )


def rows_read(statement: str, *values: Any) -> int:
    """How many places one statement reads by their indexes."""
    counted = "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'organization_nodes'"
    with connection.cursor() as cursor:
        cursor.execute(counted)
        (before,) = cursor.fetchone()
        cursor.execute(statement, values)
        cursor.execute(counted)
        return int(cursor.fetchone()[0] - before)


SHAPES: dict[str, Callable[[int], tuple[int, str | None]]] = {
    "chain": lambda number: (number - 1, None),
    "star": lambda number: (0, None),
    "zig-zag": lambda number: (number - 1, "LR"[number % 2]),
    "all on the left": lambda number: (0, "L"),
}


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        *((shape, 1500) for shape in SHAPES),
        *(pytest.param(shape, 10_000, marks=pytest.mark.prove) for shape in SHAPES),
        pytest.param("star", 100_000, marks=pytest.mark.prove),
    ],
)
def test_however_lopsided_a_place_costs_a_few_reads(shape: str, size: int) -> None:
    newcomers = [Newcomer("0")]
    for number in range(1, size):
        sponsor, side = SHAPES[shape](number)
        newcomers.append(Newcomer(str(number), sponsor_uid=str(sponsor), side=side))
    for start in range(0, size, 1000):
        join_all(newcomers[start : start + 1000])
    last = Member.objects.get(user__uid=str(size - 1))
    deepest = place_of(last, Tree.BINARY).depth
    assert deepest == (size - 1 if shape in ("chain", "zig-zag") else size.bit_length() - (shape == "star"))
    root = Member.objects.get(sponsor=None)
    for above in (root, last):
        reads = rows_read("SELECT * FROM join_member(NULL, NULL, '', %s, NULL, now(), %s)", above.pk, ACT)
        assert reads <= 12 * size.bit_length()
    check_catalogue()


ACT = (
    '{"at": "2026-11-21", "actor_kind": "job", "actor_id": "test", "actor_label": "", "verb": "member.joined",'
    ' "object_type": "", "before": {}, "after": {}, "reason": "", "request_id": ""}'
)
