"""One act, two people: every way it may go wrong is refused by its own code, and nothing is done."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from aeghash.core import clock
from aeghash.core.errors import Invalid, NotAllowed, NotFound
from aeghash.core.models import AuditRow, Proposal, User
from aeghash.core.operations import approve_proposal as approving
from aeghash.core.operations.approve_proposal import (
    AlreadyDecided,
    ProposalChanged,
    ProposalExpired,
    ProposerLostRight,
    SameApprover,
    agree,
    approve_proposal,
)
from aeghash.core.operations.expire_proposals import expire_proposals
from aeghash.core.operations.propose import OwnRights, propose
from aeghash.core.operations.prove_presence import OtpInvalid
from aeghash.core.operations.withdraw_proposal import withdraw_proposal
from aeghash.core.rights import TABLE
from tests.core.people.conftest import Diary, code
from tests.races import run_together

Staff = Callable[..., User]
pytestmark = pytest.mark.django_db
CONTENT = {"line": "안녕", "amount": "12.50"}


@pytest.fixture
def first(staff: Staff) -> User:
    return staff("first", "finance")


@pytest.fixture
def second(staff: Staff) -> User:
    return staff("second", "sysadmin")


@pytest.fixture
def proposal(diary: Diary, first: User) -> Proposal:
    return propose(act=diary.act, content=CONTENT, by=first, reason="because")


def approve(proposal: Proposal, by: User, *, digest: str | None = None, otp: str | None = None) -> Proposal:
    return approve_proposal(
        proposal_id=proposal.pk, digest=digest or proposal.digest, by=by, code=code() if otp is None else otp
    )


def assert_nothing_happened(proposal: Proposal, diary: Diary) -> None:
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by, proposal.result) == ("waiting", None, None)
    assert diary.lines == []
    assert verbs() == ["proposal.made"]


def verbs() -> list[str]:
    return list(AuditRow.objects.filter(verb__startswith="proposal.").order_by("pk").values_list("verb", flat=True))


def test_the_second_person_s_approval_does_exactly_that_and_once(
    proposal: Proposal, diary: Diary, second: User
) -> None:
    done = approve(proposal, second)
    assert diary.lines == [CONTENT]
    assert (done.status, done.decided_by, done.result) == ("executed", second, {"lines": 1})
    assert verbs() == ["proposal.made", "proposal.executed"]
    with pytest.raises(AlreadyDecided):
        approve(proposal, second, otp=code(1))
    assert diary.lines == [CONTENT]


def test_who_did_what_is_on_the_trail(proposal: Proposal, first: User, second: User) -> None:
    approve(proposal, second)
    made, executed = AuditRow.objects.filter(verb__startswith="proposal.").order_by("pk")
    assert (made.actor_id, executed.actor_id) == (str(first.pk), str(second.pk))
    assert made.reason == "because"


def test_the_same_person_is_refused(proposal: Proposal, diary: Diary, first: User) -> None:
    with pytest.raises(SameApprover):
        approve(proposal, first)
    assert_nothing_happened(proposal, diary)


def test_a_superuser_is_no_exception(diary: Diary, staff: Staff) -> None:
    root = staff("root", is_superuser=True)
    proposal = propose(act=diary.act, content=CONTENT, by=root, reason="because")
    with pytest.raises(SameApprover):
        approve(proposal, root)
    assert_nothing_happened(proposal, diary)


def test_a_second_account_without_the_right_is_refused(proposal: Proposal, diary: Diary, staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        approve(proposal, staff("helper", "support", "operations"))
    assert_nothing_happened(proposal, diary)


def test_somebody_without_the_right_can_t_propose(diary: Diary, staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        propose(act=diary.act, content=CONTENT, by=staff("helper", "support"), reason="because")
    assert not Proposal.objects.exists()
    assert verbs() == []


@pytest.mark.parametrize("change", [{"is_active": False}, "groups"])
def test_an_approver_who_has_lost_the_right_since_loading_is_refused(
    proposal: Proposal, diary: Diary, second: User, change: Any
) -> None:
    assert second.has_perm(diary.act.may_approve)  # cached on the instance from here on
    lose(second, change)
    with pytest.raises(NotAllowed):
        approve(proposal, second)
    assert_nothing_happened(proposal, diary)


@pytest.mark.parametrize("change", [{"is_active": False}, "groups"])
def test_a_proposer_who_has_lost_the_right_counts_no_more(
    proposal: Proposal, diary: Diary, first: User, second: User, change: Any
) -> None:
    lose(first, change)
    with pytest.raises(ProposerLostRight):
        approve(proposal, second)
    assert_nothing_happened(proposal, diary)


def lose(user: User, change: Any) -> None:
    if change == "groups":
        user.groups.clear()
    else:
        User.objects.filter(pk=user.pk).update(**change)


def test_what_was_shown_must_be_what_would_be_done(proposal: Proposal, diary: Diary, second: User) -> None:
    with pytest.raises(ProposalChanged):
        approve(proposal, second, digest="0" * 64)
    assert_nothing_happened(proposal, diary)


def test_a_world_that_changed_in_between_is_refused(proposal: Proposal, diary: Diary, second: User) -> None:
    diary.version = 2
    with pytest.raises(ProposalChanged):
        approve(proposal, second)
    assert_nothing_happened(proposal, diary)


def test_an_expired_one_is_refused_and_closed_by_the_clock(proposal: Proposal, diary: Diary, second: User) -> None:
    later = proposal.expires_at
    with clock.steered(lambda: later - timedelta(microseconds=1)):
        assert expire_proposals() == 0
    with clock.steered(lambda: later):
        with pytest.raises(ProposalExpired):
            approve(proposal, second)
        assert_nothing_happened(proposal, diary)
        assert expire_proposals() == 1
        with pytest.raises(AlreadyDecided):
            approve(proposal, second, otp=code(1))
    proposal.refresh_from_db()
    assert (proposal.status, diary.lines) == ("expired", [])


@pytest.mark.parametrize("otp", ["", "000000", "12345", "１２３４５６", "abcdef"])
def test_without_a_right_code_nothing_happens(proposal: Proposal, diary: Diary, second: User, otp: str) -> None:
    with pytest.raises(OtpInvalid):
        approve(proposal, second, otp=otp)
    assert_nothing_happened(proposal, diary)


def test_a_code_counts_once_even_if_what_followed_was_refused(proposal: Proposal, diary: Diary, second: User) -> None:
    shown = code()
    with pytest.raises(ProposalChanged):
        approve(proposal, second, digest="0" * 64, otp=shown)
    with pytest.raises(OtpInvalid):
        approve(proposal, second, otp=shown)
    assert_nothing_happened(proposal, diary)


def test_somebody_without_an_authenticator_can_t_approve(proposal: Proposal, diary: Diary, staff: Staff) -> None:
    with pytest.raises(OtpInvalid):
        approve(proposal, staff("bare", "sysadmin", with_device=False))
    assert_nothing_happened(proposal, diary)


def test_development_may_do_without_codes(proposal: Proposal, diary: Diary, staff: Staff, settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False
    approve(proposal, staff("bare", "sysadmin", with_device=False), otp="")
    assert diary.lines == [CONTENT]


def test_nobody_agrees_to_what_raises_their_own_rights(
    diary: Diary, first: User, second: User, proposal: Proposal
) -> None:
    diary.touches = [second.pk]
    with pytest.raises(OwnRights):
        approve(proposal, second)
    assert_nothing_happened(proposal, diary)
    diary.touches = [first.pk]
    with pytest.raises(OwnRights):
        propose(act=diary.act, content=CONTENT, by=first, reason="because")
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_needed(diary: Diary, first: User, reason: str) -> None:
    with pytest.raises(Invalid):
        propose(act=diary.act, content=CONTENT, by=first, reason=reason)
    assert not Proposal.objects.exists()


def test_its_proposer_may_take_it_back(proposal: Proposal, diary: Diary, first: User, second: User) -> None:
    withdraw_proposal(proposal_id=proposal.pk, by=first, reason="a mistake")
    with pytest.raises(AlreadyDecided):
        approve(proposal, second)
    assert diary.lines == []
    assert verbs() == ["proposal.made", "proposal.withdrawn"]


def test_whoever_could_agree_may_turn_it_down(proposal: Proposal, second: User) -> None:
    withdraw_proposal(proposal_id=proposal.pk, by=second)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("withdrawn", second)


def test_others_may_not_take_it_back(proposal: Proposal, diary: Diary, staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        withdraw_proposal(proposal_id=proposal.pk, by=staff("helper", "support"))
    assert_nothing_happened(proposal, diary)


def test_one_that_isn_t_there(second: User) -> None:
    with pytest.raises(NotFound):
        approve_proposal(proposal_id=0, digest="", by=second, code=code())


def test_an_act_that_fails_leaves_the_proposal_waiting(
    proposal: Proposal, diary: Diary, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(diary.act.__dict__, "execute", explode)
    with pytest.raises(ZeroDivisionError):
        approve(proposal, second)
    assert_nothing_happened(proposal, diary)


def explode(_content: Any) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE proposals SET content = \'{"line": "other"}\'',
        "UPDATE proposals SET digest = repeat('0', 64)",
        "UPDATE proposals SET expires_at = now() + interval '1 year'",
        "UPDATE proposals SET proposed_by_id = proposed_by_id + 1",
        "UPDATE proposals SET status = 'executed', decided_by_id = proposed_by_id, decided_at = now()",
        "UPDATE proposals SET status = 'executed', decided_at = now()",
        "DELETE FROM proposals",
        "TRUNCATE proposals",
    ],
)
def test_the_database_itself_refuses(proposal: Proposal, diary: Diary, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert_nothing_happened(proposal, diary)


def test_a_decision_stays_decided_for_the_owner_too(proposal: Proposal, second: User, django_db_blocker: Any) -> None:
    approve(proposal, second)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status="waiting", decided_at=None)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_instant_one_carries_it_out(proposal: Proposal, diary: Diary, staff: Staff) -> None:
    people = [staff(f"second{number}", "sysadmin") for number in range(8)]
    outcomes = run_together(*[lambda person=person: approve(proposal, person) for person in people])
    assert sum(isinstance(outcome.error, AlreadyDecided) for outcome in outcomes) == 7
    assert sum(isinstance(outcome.value, Proposal) for outcome in outcomes) == 1
    assert diary.lines == [CONTENT]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_be_done_twice(
    proposal: Proposal, diary: Diary, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same race, the lock patched away, and the trigger as the last line of defence."""
    meeting = threading.Barrier(2, timeout=10)

    def unlocked(proposal_id: int) -> Proposal:
        found = Proposal.objects.get(pk=proposal_id)
        meeting.wait()
        return found

    monkeypatch.setattr(approving, "locked", unlocked)
    people = [staff(f"second{number}", "sysadmin") for number in range(2)]
    outcomes = run_together(*[lambda person=person: approve(proposal, person) for person in people])
    assert diary.lines == [CONTENT, CONTENT]
    assert sum(isinstance(outcome.value, Proposal) for outcome in outcomes) == 1


def test_agree_alone_asks_for_no_code(proposal: Proposal, diary: Diary, second: User) -> None:
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=second)
    assert diary.lines == [CONTENT]


def test_groups_have_what_the_table_says() -> None:
    given = {
        (group.name, permission.codename)
        for group in Group.objects.prefetch_related("permissions")
        for permission in group.permissions.all()
    }
    assert given == {(group, name) for name, (_label, groups) in TABLE.items() for group in groups}
