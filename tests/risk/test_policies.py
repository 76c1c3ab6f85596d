"""A policy changes by two people, and old decisions keep theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from aeghash.core import clock, rights
from aeghash.core.actors import acting_as, command
from aeghash.core.acts import find
from aeghash.core.errors import Invalid, NotAllowed
from aeghash.core.models import AuditRow, User
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover, agree
from aeghash.core.operations.propose import propose
from risk.figures import Figures, as_json
from risk.models import Policy, RiskEvent
from risk.operations.change_policy import CHANGE_RISK_POLICY, change_policy, content_for
from risk.queries import newest_policy, policy_at
from tests.people import make_staff
from tests.risk.contexts import MICROSECOND, NOW, context, decide, found, make_member

pytestmark = pytest.mark.django_db


def staff(name: str, group: str) -> User:
    return make_staff(name, group, with_device=False)


def wanted(**figures: Any) -> dict[str, Any]:
    return {**newest_policy().figures, **figures}


def proposed(by: User, **figures: Any) -> Any:
    content = content_for(figures=wanted(**figures), reason="because")
    return propose(act=CHANGE_RISK_POLICY, content=content, by=by, reason="because")


def test_the_first_version_is_the_releases_and_in_force_since_ever() -> None:
    first = Policy.objects.get()
    assert (first.version, first.figures) == (1, as_json(Figures()))
    assert policy_at(NOW - timedelta(days=1000)) == first


def test_a_second_person_puts_it_in_force_and_old_decisions_keep_theirs() -> None:
    member = make_member()
    before = decide(context(member))
    proposal = proposed(staff("ops", rights.OPERATIONS), amount={"USDT": {"review": None, "block": "100"}})
    assert newest_policy().version == 1
    with clock.steered(lambda: max(NOW, proposal.proposed_at) + timedelta(hours=1)):
        done = agree(proposal_id=proposal.pk, digest=proposal.digest, by=staff("fin", rights.FINANCE))
    assert done.result == {"version": 2}
    after = decide(context(member), at=max(NOW, proposal.proposed_at) + timedelta(hours=2))
    assert (before.policy_version, after.policy_version) == (1, 2)
    assert found(after)["amount"] == "block"
    assert list(RiskEvent.objects.order_by("pk").values_list("policy_id", flat=True)) == [1, 2]
    assert "risk_policy.changed" in AuditRow.objects.values_list("verb", flat=True)


def test_nobody_does_it_alone_and_operations_only_propose() -> None:
    finance = staff("fin", rights.FINANCE)
    proposal = proposed(finance, debt="block")
    for by, refusal in ((finance, SameApprover), (staff("ops", rights.OPERATIONS), NotAllowed)):
        with pytest.raises(refusal):
            agree(proposal_id=proposal.pk, digest=proposal.digest, by=by)
    with pytest.raises(NotAllowed):
        proposed(staff("support", rights.SUPPORT), debt="block")
    assert newest_policy().version == 1


def test_a_proposal_of_an_older_version_says_nothing_any_more() -> None:
    first, second = staff("fin", rights.FINANCE), staff("sys", rights.SYSADMIN)
    old, other = proposed(first, debt="block"), proposed(first, debt="info")
    agree(proposal_id=other.pk, digest=other.digest, by=second)
    with pytest.raises(ProposalChanged):
        agree(proposal_id=old.pk, digest=old.digest, by=second)
    assert newest_policy().version == 2


def test_what_is_proposed_says_what_differs() -> None:
    content = content_for(figures=wanted(debt="block", new_device_hours=48), reason="x")
    with translation.override("en"):
        shown = {str(label): str(value) for label, value in find("risk.policy").describe(content).items()}
    assert shown == {
        "present version": "v1",
        "Member in debt": "review → block",
        "A device is new for": "24 hours → 48 hours",
        "in force from": "at once",
    }


def test_a_newer_version_wins_over_one_that_was_still_to_begin() -> None:
    later = NOW + timedelta(days=5)
    with clock.steered(lambda: NOW):
        planned = change(wanted(debt="block"), starts_at=later)
        assert policy_at(NOW).version == 1
        assert (policy_at(later - MICROSECOND).version, policy_at(later)) == (1, planned)
        urgent = change(wanted(debt="info"))
    assert policy_at(NOW) == policy_at(later) == urgent


def change(figures: dict[str, Any], **given: Any) -> Policy:
    with acting_as(command("test")):
        return change_policy(figures=figures, reason="x", **given)


def test_a_start_that_has_passed_means_now() -> None:
    with clock.steered(lambda: NOW):
        assert change(wanted(debt="block"), starts_at=NOW - timedelta(days=1)).valid_from == NOW


@pytest.mark.parametrize("figures", [{}, {"debt": "review"}, {"debt": "maybe"}, {"more": 1}])
def test_what_changes_nothing_or_is_not_understood_is_refused(figures: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        content_for(figures=wanted(**figures), reason="x")
    with pytest.raises(Invalid):
        change(wanted(**figures))
    assert Policy.objects.count() == 1
    assert not AuditRow.objects.exists()


def test_a_version_is_never_changed_nor_taken_away() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Policy.objects.update(figures={})
    with pytest.raises(DatabaseError), transaction.atomic():
        Policy.objects.all()._raw_delete("default")
