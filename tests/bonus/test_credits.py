"""The queue of credits that failed: tried again with growing pauses, then failed with an alert, then put back by hand."""

from datetime import datetime
from itertools import pairwise

import pytest

from aeghash.core import clock
from aeghash.core.models import Alert, Job, User
from aeghash.core.operations.work_job import run_job
from bonus.models import ClosingMember, Entry
from bonus.operations.retry_credit import retry_by_hand
from bonus.operations.run_closing import CREDIT
from organization.models import Member
from tests.bonus.closing import closed, long_ago
from tests.bonus.shares import line_of, paid
from tests.wallets.books import standing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("check_invariants_after")]


@pytest.fixture
def suspended() -> Member:
    members = line_of(4)
    paid(members[3], 100, paid_at=long_ago())
    User.objects.filter(pk=members[2].pk).update(is_active=False)
    closed()
    return members[2]


def the_credit(member: Member) -> ClosingMember:
    return ClosingMember.objects.get(member=member)


def waiting() -> Job:
    return Job.objects.get(kind=CREDIT, state="queued")


def try_again() -> datetime:
    """The job when it is due; returns when that was."""
    job = waiting()
    moment = max(job.due_at, clock.now())
    with clock.steered(lambda: moment):
        assert run_job(job_id=job.pk)
    return moment


def states(member: Member) -> set[str]:
    return set(Entry.objects.filter(beneficiary=member).values_list("status", flat=True))


def test_five_attempts_with_pauses_of_30_to_600_seconds_then_it_has_failed_and_somebody_is_told(
    suspended: Member,
) -> None:
    moments = []
    for attempt in range(1, 6):
        assert (the_credit(suspended).status, states(suspended)) == ("retrying", {"retrying"})
        assert not Alert.objects.exists()
        moments.append(try_again())
        assert the_credit(suspended).attempts == attempt
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    for pause, meant in zip(pauses, (30, 60, 120, 240), strict=True):
        assert meant * 0.75 <= pause <= meant * 1.25
    assert (the_credit(suspended).status, states(suspended)) == ("failed", {"failed"})
    assert Alert.objects.get().key == f"bonus.credit:{the_credit(suspended).pk}"
    assert not Job.objects.filter(kind=CREDIT).exclude(state="done").exists()


def test_put_back_by_hand_it_has_all_its_attempts_again_and_is_paid_once_the_member_is_back(suspended: Member) -> None:
    for _attempt in range(5):
        try_again()
    retry_by_hand(credit_id=the_credit(suspended).pk)
    retry_by_hand(credit_id=the_credit(suspended).pk)
    assert (the_credit(suspended).attempts, waiting().most_attempts) == (0, 5)
    User.objects.filter(pk=suspended.pk).update(is_active=True)
    try_again()
    assert (the_credit(suspended).status, states(suspended)) == ("credited", {"confirmed"})
    assert standing(suspended.pk, "POINT") == (31, 0)


def test_a_member_who_comes_back_between_two_attempts_is_paid_at_the_next(suspended: Member) -> None:
    try_again()
    User.objects.filter(pk=suspended.pk).update(is_active=True)
    try_again()
    assert the_credit(suspended).status == "credited"
    assert standing(suspended.pk, "POINT") == (31, 0)
    assert not Alert.objects.exists()
