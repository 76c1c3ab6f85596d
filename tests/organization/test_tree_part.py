"""What a viewer asks for of a tree, whatever the tree's shape."""

from collections import Counter
from typing import Any

import pytest

from organization.models import Member, Node, Side, Tree
from organization.queries import tree_part as module
from organization.queries.tree_part import TreePart, tree_part
from tests.organization import planted

pytestmark = pytest.mark.django_db


def part(member: Member, tree: Tree = Tree.BINARY, levels: int = 3, **options: Any) -> TreePart:
    return tree_part(root=planted.node_of(member, tree), levels=levels, days=30, **options)


def ids(found: TreePart) -> list[int]:
    return [row["id"] for row in found.nodes]


def size_below(node: Node) -> int:
    """The naive way, one question a node."""
    return sum(1 + size_below(child) for child in node.children.all())


def test_levels_come_from_the_top_left_before_right() -> None:
    top, *_ = planted.plant(20)
    found = part(top, levels=2)
    assert [(row["depth"], row["side"]) for row in found.nodes] == [
        (0, None), (1, "L"), (1, "R"), (2, "L"), (2, "R"), (2, "L"), (2, "R"),
    ]  # fmt: skip
    assert found.is_cut_by_depth
    assert not found.is_cut_by_count


@pytest.mark.parametrize("tree", list(Tree))
def test_counts_equal_those_of_a_naive_walk(tree: Tree) -> None:
    top, *_ = planted.plant(60)
    for row in part(top, tree, levels=10).nodes:
        node = Node.objects.get(pk=row["id"])
        below = row["below"]
        assert below.all == size_below(node)
        assert below.children == node.children.count()
        assert below.is_exact
        for side, counted in ((Side.LEFT, below.left), (Side.RIGHT, below.right)):
            child = node.children.filter(side=side).first()
            assert counted == (1 + size_below(child) if child else 0)


def test_everything_is_shown_when_it_fits() -> None:
    members = planted.plant(40)
    found = part(members[0], Tree.UNILEVEL, levels=50)
    assert len(found.nodes) == 40
    assert (found.is_cut_by_depth, found.is_cut_by_count) == (False, False)


def test_a_part_begins_where_it_is_asked_to() -> None:
    members = planted.plant(40)
    found = part(members[2])
    assert found.nodes[0]["member"] == members[2].pk
    assert [row["member"] for row in found.above] == [members[0].pk]
    assert {row["id"] for row in found.nodes[1:]}.isdisjoint({planted.node_of(members[1]).pk})


def test_the_pages_of_a_star_leave_nobody_out_and_repeat_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHILDREN_AT_ONCE", 7)
    monkeypatch.setattr(module, "MOST_COUNTED", 20)
    top, *_ = planted.star(40)
    found = part(top, Tree.UNILEVEL, levels=1)
    assert found.is_cut_by_count
    assert not found.nodes[0]["below"].is_exact
    assert found.nodes[0]["below"].children == 21
    seen, is_more = ids(found)[1:], True
    while is_more:
        following = part(top, Tree.UNILEVEL, levels=1, after=seen[-1])
        seen += ids(following)
        is_more = following.is_cut_by_count
    assert seen == sorted(seen)
    assert len(set(seen)) == len(seen) == 39


def test_a_limit_cuts_the_farthest_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NODES", 10)
    top, *_ = planted.plant(40)
    found = part(top, levels=50)
    assert found.is_cut_by_count
    assert Counter(row["depth"] for row in found.nodes) == {0: 1, 1: 2, 2: 4, 3: 3}


def test_what_was_not_counted_to_the_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COUNTED", 20)
    top, *_ = planted.plant(63)
    rows = part(top, levels=3).nodes
    for row in rows:
        below, size = row["below"], size_below(Node.objects.get(pk=row["id"]))
        assert below.all == size if below.is_exact else below.all <= size
    assert not rows[0]["below"].is_exact


def test_a_chain_is_walked_level_by_level_and_the_way_up_is_bounded() -> None:
    members = planted.chain(80)
    found = part(members[0], Tree.UNILEVEL, levels=50)
    assert len(found.nodes) == 51
    assert found.is_cut_by_depth
    assert found.nodes[0]["below"].all == 79
    above = part(members[79], Tree.UNILEVEL).above
    assert [row["member"] for row in above] == [member.pk for member in members[49:79]]


def test_volumes_are_those_of_the_days_asked_for() -> None:
    top, *_ = planted.plant(3)
    planted.sell(top, "10.5", days_ago=0)
    planted.sell(top, "4", days_ago=29)
    planted.sell(top, "99", days_ago=30)
    row = part(top).nodes[0]
    assert (str(row["personal_volume"]), str(row["volume_left"])) == ("14.5", "29")


def test_it_asks_as_often_for_many_nodes_as_for_few(django_assert_num_queries: Any) -> None:
    top, *_ = planted.plant(50)
    root = planted.node_of(top)
    for levels in (1, 5):
        with django_assert_num_queries(5):
            tree_part(root=root, levels=levels, days=7)
