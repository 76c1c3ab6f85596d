"""The demo's members: the same in every demo, made once, in order."""

from collections import Counter

import pytest
from django.core.management import call_command

from aeghash.core import catalogue
from aeghash.core.models import User
from organization import demo
from organization.models import Member, Node, Spillover, Tree
from tests.organization.trees import join

pytestmark = pytest.mark.django_db


def test_two_thousand_members_stand_in_both_trees_once() -> None:
    assert demo.seed_members() == ["2000 members stand in both trees, under aeg"]
    for tree in Tree:
        assert Node.objects.filter(tree=tree).count() == 2000
    for entry in catalogue.entries():
        assert not entry.id.startswith("O") or catalogue.look(entry).holds
    before = list(Node.objects.order_by("pk").values())
    assert demo.seed_members() == []
    assert list(Node.objects.order_by("pk").values()) == before


def test_it_looks_like_an_organisation() -> None:
    demo.seed_members()
    directs = Counter(Member.objects.exclude(sponsor=None).values_list("sponsor", flat=True))
    assert max(directs.values()) > 40
    assert len(directs) < 1200  # most have brought nobody
    deepest = {tree: Node.objects.filter(tree=tree).order_by("-depth")[0].depth for tree in Tree}
    assert deepest[Tree.UNILEVEL] >= 10
    assert deepest[Tree.BINARY] >= 15  # a balanced one has 10
    assert Spillover.objects.count() > 200
    assert Member.objects.filter(user__email__endswith="@members.invalid").count() > 100
    names = User.objects.exclude(uid="aeg").values_list("name", flat=True)
    assert all("가" <= letter <= "힣" for letter in "".join(names))
    days = Member.objects.dates("created_at", "day")
    assert len(days) > 100


def test_it_is_the_same_in_every_demo() -> None:
    assert list(demo.newcomers()) == list(demo.newcomers())


def test_a_house_with_its_own_members_is_left_alone() -> None:
    join("company")
    assert demo.seed_members() == []
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_part_of_the_whole_demo() -> None:
    call_command("seed_demo", verbosity=0)
    assert Member.objects.count() == 2000
