"""Ranks and centers by hand, with their trail."""

import pytest
from django.db import IntegrityError

from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow
from organization.models import Member, RankCause, RankChange, RankRule
from organization.operations.set_center import set_center
from organization.operations.set_rank import set_rank
from tests.organization.planting import planted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def members() -> list[Member]:
    return planted([None, 0])


def state_of(member: Member) -> dict[str, object]:
    fields = ("rank", "is_rank_held", "is_center", "center_referrer_id")
    return {**Member.objects.values(*fields).get(pk=member.pk), "trail": AuditRow.objects.count()}


def test_a_rank_by_hand_stands_in_the_history_and_the_trail(members: list[Member]) -> None:
    member = set_rank(member=members[0], rank="D2", reason=" a promise ")
    assert (member.rank, member.is_rank_held) == ("D2", False)
    change = RankChange.objects.get()
    assert (change.before, change.after, change.cause) == ("FREE", "D2", RankCause.BY_HAND)
    assert change.reason == {"reason": "a promise", "by": "test"}
    assert AuditRow.objects.get(verb="member.rank_set").reason == "a promise"


def test_a_lower_one_is_held(members: list[Member]) -> None:
    set_rank(member=members[0], rank="D2", reason="a promise")
    assert set_rank(member=members[0], rank="D1", reason="a mistake").is_rank_held
    assert not set_rank(member=members[0], rank="D3", reason="another").is_rank_held


def test_the_rank_that_a_member_has_changes_nothing(members: list[Member]) -> None:
    before = state_of(members[0])
    set_rank(member=members[0], rank="FREE", reason="for nothing")
    assert state_of(members[0]) == before
    assert not RankChange.objects.exists()


@pytest.mark.parametrize(("rank", "reason"), [("D6", "why"), ("", "why"), ("d1", "why"), ("D1", ""), ("D1", "  ")])
def test_no_rank_and_no_reason_are_refused(members: list[Member], rank: str, reason: str) -> None:
    before = state_of(members[0])
    with pytest.raises(Invalid):
        set_rank(member=members[0], rank=rank, reason=reason)
    assert state_of(members[0]) == before


def test_a_reason_is_kept_without_what_cannot_be_stored(members: list[Member]) -> None:
    set_rank(member=members[0], rank="D1", reason="a\0b\ud800")
    assert RankChange.objects.get().reason["reason"] == "ab?"


def test_a_center_has_its_referrer(members: list[Member]) -> None:
    center = set_center(member=members[1], is_center=True, referrer=members[0], reason="opened")
    assert (center.is_center, center.center_referrer) == (True, members[0])
    before = state_of(center)
    set_center(member=center, is_center=True, referrer=members[0], reason="again")
    assert state_of(center) == before
    closed = set_center(member=center, is_center=False, reason="closed")
    assert (closed.is_center, closed.center_referrer) == (False, None)
    assert AuditRow.objects.filter(verb="member.center_set").count() == 2


def test_what_is_no_referral_of_a_center_is_refused(members: list[Member]) -> None:
    before = state_of(members[0])
    for fields in (
        {"is_center": True, "referrer": members[0]},
        {"is_center": False, "referrer": members[1]},
    ):
        with pytest.raises(Invalid, match="referrer"):
            set_center(member=members[0], reason="why", **fields)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="reason"):
        set_center(member=members[0], is_center=True, reason=" ")
    assert state_of(members[0]) == before


@pytest.mark.parametrize(
    "fields", [{"rank": "FREE"}, {"own_sales": 0}, {"direct_referrals": -1}, {"referrals_of_rank_below": 0}]
)
def test_a_rule_without_sense_is_refused_by_the_database(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        RankRule.objects.create(**{"rank": "D1", "valid_from": "2026-01-01T00:00:00Z"} | fields)
