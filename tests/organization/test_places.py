"""Who stands above and below, and why somebody stands there."""

from typing import Any

import pytest

from organization.models import Member, Side, Tree
from organization.queries.places import ancestors, subtree, why_here
from tests.organization.trees import join, place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> list[Member]:
    """The company, and 25 members, each brought by the one before and on the right of it."""
    members = [join("0")]
    for number in range(1, 26):
        members.append(join(str(number), members[-1], Side.RIGHT))
    return members


@pytest.mark.parametrize(("tree", "side"), [(Tree.BINARY, "R"), (Tree.UNILEVEL, None)])
@pytest.mark.parametrize("levels", [1, 10, 20, 30])
def test_ancestors_come_nearest_first_each_with_its_level(
    line: list[Member], tree: Tree, side: str | None, levels: int
) -> None:
    found = ancestors(member=line[25], tree=tree, levels=levels)
    expected = [(level, side, line[25 - level]) for level in range(1, min(levels, 25) + 1)]
    assert [(ancestor.level, ancestor.side, ancestor.member) for ancestor in found] == expected
    assert found[0].member.dict() == Member.objects.get(pk=line[24].pk).dict()


def test_the_root_has_nobody_above(line: list[Member]) -> None:
    assert ancestors(member=line[0], tree=Tree.BINARY, levels=20) == []


@pytest.mark.parametrize("levels", [1, 20])
def test_ancestors_are_one_query(line: list[Member], levels: int, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        ancestors(member=line[25], tree=Tree.BINARY, levels=levels)


def test_a_part_of_the_tree_comes_level_by_level_and_left_before_right() -> None:
    root = join("0")
    for number in range(1, 10):
        join(str(number), root)
    uids = [node.member.user.uid for node in subtree(node=place_of(root), levels=2)]
    assert uids == [str(number) for number in range(7)]
    below = subtree(node=place_of(Member.objects.get(user__uid="1")), levels=5)
    assert [(node.depth, node.side) for node in below] == [(1, "L"), (2, "L"), (2, "R"), (3, "L"), (3, "R"), (3, "L")]


def test_a_large_part_is_cut_off(line: list[Member]) -> None:
    assert len(subtree(node=place_of(line[0]), levels=30, most=5)) == 5


def test_unilevel_children_come_in_the_order_they_joined() -> None:
    root = join("0")
    for number in range(1, 12):
        join(str(number), root)
    nodes = subtree(node=place_of(root, Tree.UNILEVEL), levels=1)
    assert [node.member.user.uid for node in nodes] == [str(number) for number in range(12)]


@pytest.mark.parametrize("count", [1, 3])
def test_a_part_takes_the_same_queries_whatever_its_size(count: int, django_assert_num_queries: Any) -> None:
    root = join("0")
    for number in range(count):
        join(f"m{number}", root)
    node = place_of(root)
    with django_assert_num_queries(3):
        assert len(subtree(node=node, levels=3)) == count + 1


def test_why_somebody_stands_there() -> None:
    root = join("company")
    left = join("left", root)
    join("right", root)
    reason = why_here(join("spilled", root))
    assert (reason.sponsor, reason.parent, reason.side, reason.level) == (root, left, "L", 2)
    assert (reason.asked_side, reason.looked_at, reason.spilled_over) == (None, 2, True)
    direct = why_here(left)
    assert (direct.sponsor, direct.parent, direct.level, direct.spilled_over) == (root, root, 1, False)
    top = why_here(root)
    assert (top.sponsor, top.parent, top.side, top.level, top.looked_at) == (None, None, None, 0, 0)
