"""A member joins: user, membership and both places at once, or nothing."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from aeghash.core import clock
from aeghash.core.actors import NobodyActs, acting_as, acting_as_found_by, job, partner
from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow, User
from organization.models import Member, Node, Side, Spillover, Tree
from organization.operations.join_member import MemberExists, join_member
from organization.queries.members import MemberNotFound, member_by_uid, root_member
from tests.organization.trees import join, place_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def root() -> Member:
    return join("company")


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Member, Node, Spillover, AuditRow))


def test_a_member_has_a_user_a_code_and_a_place_in_each_tree(root: Member) -> None:
    with clock.steered(lambda: NOON), acting_as(partner("key-1", "mall")):
        member = join_member(uid="kim@mall", email="Kim@Example.com", name="김민준", sponsor=root)
    stored = Member.objects.select_related("user").get(pk=member.pk)
    assert member == stored
    assert (member.referral_code, member.sponsor_id, member.created_at) == (stored.referral_code, root.pk, NOON)
    assert (stored.rank, stored.is_active, stored.is_center) == ("FREE", True, False)
    user = stored.user
    assert (user.uid, user.email, user.name, user.created_at) == ("kim@mall", "kim@example.com", "김민준", NOON)
    assert not user.has_usable_password()
    assert not user.is_staff
    assert not user.is_superuser
    assert len(stored.referral_code) == 8
    unilevel, binary = place_of(member, Tree.UNILEVEL), place_of(member)
    assert (unilevel.parent_id, unilevel.depth, unilevel.side) == (place_of(root, Tree.UNILEVEL).pk, 1, None)
    assert (binary.parent_id, binary.depth, binary.side, binary.min_open) == (place_of(root).pk, 1, "L", 2)


def test_it_is_on_the_trail_in_the_name_of_who_did_it(root: Member) -> None:
    with acting_as(partner("key-1", "mall")):
        member = join_member(uid="kim", email="kim@example.com", name="김민준", sponsor=root, side=Side.RIGHT)
    row = AuditRow.objects.get(object_id=str(member.pk))
    assert (row.verb, row.object_type, row.actor_kind, row.actor_id) == (
        "member.joined",
        "organization.member",
        "partner",
        "key-1",
    )
    assert row.after == {
        "uid": "kim",
        "email": "k***@example.com",
        "name": "김***",
        "side": "R",
        "sponsor": root.pk,
        "referral_code": member.referral_code,
    }
    assert row.canonical


def test_without_an_e_mail_the_code_makes_one(root: Member) -> None:
    member = join("nobody", root)
    assert member.user.email == f"{member.referral_code}@members.invalid"


def test_several_members_may_have_no_number(root: Member) -> None:
    with acting_as(job("test")):
        assert [join_member(uid=None, sponsor=root).user.uid for _ in range(2)] == [None, None]


def test_codes_are_one_to_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT referral_code(n)), max(length(referral_code(n))) FROM generate_series(1, 20000) n"
        )
        assert cursor.fetchone() == (20000, 8)


def test_the_place_says_why_somebody_is_there(root: Member) -> None:
    """The company's both slots are taken; the next newcomer spills over to the left, where one asked for the right."""
    for name in ("left", "right"):
        join(name, root)
    asking = join("asking", root, Side.RIGHT)
    place = place_of(asking)
    assert (place.parent, place.side, place.asked_side, place.depth) == (place_of(member_by_uid("right")), "L", "R", 2)
    assert place.looked_at == 2  # the company's right slot, and the left one below
    spilled = Spillover.objects.get()
    assert (spilled.sponsor, spilled.member, spilled.parent) == (root, asking, member_by_uid("right"))
    assert (spilled.side, spilled.level) == ("L", 2)
    spilling = place_of(join("spilling", root))
    assert (spilling.parent, spilling.side, spilling.asked_side) == (place_of(member_by_uid("left")), "L", None)
    assert spilling.looked_at == 2


def test_a_side_that_is_open_is_given_and_is_no_spillover(root: Member) -> None:
    place = place_of(join("kim", root, Side.RIGHT))
    assert (place.parent, place.side, place.asked_side, place.looked_at) == (place_of(root), "R", "R", 1)
    assert place_of(join("lee", root)).side == "L"
    assert not Spillover.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"uid": "company"}, "uid"),
        ({"uid": "new", "email": "KIM@example.com"}, "email"),
    ],
)
def test_a_number_or_e_mail_that_is_taken_is_refused(root: Member, given: dict[str, str], field: str) -> None:
    User.objects.create_user("kim@example.com")
    before = everything()
    with pytest.raises(MemberExists) as refused, acting_as(job("test")):
        join_member(uid=given["uid"], email=given.get("email"), sponsor=root)
    assert (refused.value.code, refused.value.status, refused.value.parameters) == (
        "member_exists",
        409,
        {"field": field},
    )
    assert everything() == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"uid": ""}, "uid"),
        ({"uid": "  "}, "uid"),
        ({"uid": "a" * 256}, "uid"),
        ({"uid": "a\0b"}, "uid"),
        ({"uid": "a\ud800"}, "uid"),
        ({"email": "kim"}, "email"),
        ({"email": "kim@members.invalid"}, "email"),
        ({"email": "a" * 250 + "@a.kr"}, "email"),
        ({"name": "a" * 151}, "name"),
        ({"name": "a\0"}, "name"),
        ({"side": "X"}, "side"),
        ({"side": ""}, "side"),
        ({"sponsor": None, "side": Side.LEFT}, "side"),
        ({"sponsor": None}, "sponsor_uid"),
    ],
)
def test_what_can_not_be_accepted_is_refused_by_field(root: Member, given: dict[str, str], field: str) -> None:
    before = everything()
    with pytest.raises(Invalid) as refused, acting_as(job("test")):
        join_member(**{"uid": "new", "sponsor": root, **given})  # type: ignore[arg-type]
    assert refused.value.parameters["field"] == field
    assert everything() == before


def test_nobody_joins_in_nobodys_name(root: Member) -> None:
    before = everything()
    with pytest.raises(NobodyActs), acting_as_found_by(lambda: None):
        join_member(uid="kim", sponsor=root)
    assert everything() == before


def test_a_caller_that_gives_up_leaves_nothing(root: Member) -> None:
    before = everything()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        join("kim", root)
        raise ZeroDivisionError
    assert everything() == before


def test_joining_is_one_statement(root: Member, django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        join("kim", root)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM organization_nodes",
        "TRUNCATE organization_nodes CASCADE",
        "UPDATE organization_nodes SET parent_id = NULL",
        "UPDATE organization_nodes SET side = 'L', min_open = 3",
        "UPDATE organization_nodes SET depth = depth + 1",
        "UPDATE organization_nodes SET member_id = member_id",
        "DELETE FROM organization_members",
        "TRUNCATE organization_members CASCADE",
        "UPDATE organization_members SET sponsor_id = (SELECT min(user_id) FROM organization_members)",
        "UPDATE organization_members SET referral_code = 'mine'",
        "DELETE FROM organization_spillovers",
    ],
)
@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_nobody_is_moved_or_removed_not_even_by_the_owner(root: Member, statement: str, alias: str) -> None:
    member = join("kim", join("lee", root))
    before = everything(), list(Node.objects.order_by("pk").values())
    with pytest.raises(DatabaseError), connections[alias].cursor() as cursor:
        cursor.execute(statement)
    assert (everything(), list(Node.objects.order_by("pk").values())) == before
    Member.objects.get(pk=member.pk).update(is_active=False)


def test_two_can_not_have_one_slot(root: Member) -> None:
    place = place_of(join("kim", root))
    other = join("lee", root)
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.create(
            tree=Tree.BINARY, member=other, parent_id=place.parent_id, side=place.side, depth=1, min_open=2
        )


def test_the_root_and_members_are_found_by_what_they_are_called(root: Member) -> None:
    assert root_member() == root
    assert member_by_uid("company") == root
    for nobody in ("kim", "a\0b", ""):
        with pytest.raises(MemberNotFound) as refused:
            member_by_uid(nobody)
        assert (refused.value.code, refused.value.status) == ("member_not_found", 404)


def test_an_empty_house_has_no_root() -> None:
    with pytest.raises(MemberNotFound):
        root_member()
