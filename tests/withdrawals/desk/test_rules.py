"""Rules of payout, the address books and the lock: by whom they are changed, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow, Proposal, User
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover, agree
from tests.races import run_together
from tests.withdrawals.desk.people import han, kim, lee, park, said
from tests.withdrawals.world import ask, member, staff
from withdrawals.models import AssetPolicy, DeskClaim, PayoutAddress, SubmissionLock
from withdrawals.operations import take_up_withdrawal as taking
from withdrawals.operations.change_policy import as_said, propose_policy
from withdrawals.operations.take_up_withdrawal import TakenUp, take_up_withdrawal

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Client]
POLICY = "/admin/withdrawals/assetpolicy/"


def wanted(asset: str, **other: Any) -> dict[str, Any]:
    return as_said(AssetPolicy.objects.get(pk=asset)) | other


def given(asset: str, **other: Any) -> dict[str, Any]:
    form = {name: value for name, value in wanted(asset, **other).items() if value not in (None, False)}
    return {"row": asset, "reason": "새 한도", **form}


class TestRules:
    def test_two_people_change_them(self, as_user: Open) -> None:
        answer = as_user(kim()).post(f"{POLICY}act/propose/", given("USDT", most="500"))
        assert answer.status_code == 302
        assert AssetPolicy.objects.get(pk="USDT").most is None
        proposal = Proposal.objects.get()
        with pytest.raises(SameApprover):
            agree(proposal_id=proposal.pk, digest=proposal.digest, by=User.objects.get(name="김도윤"))
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=park())
        assert AssetPolicy.objects.get(pk="USDT").most == 500
        assert AuditRow.objects.filter(verb="payout_policy.changed", after__most="500").count() == 1

    def test_rules_that_changed_meanwhile_are_not_agreed_to(self) -> None:
        proposal = propose_policy(asset="USDT", wanted=wanted("USDT", most="500"), by=kim(), reason="한도")
        AssetPolicy.objects.filter(pk="USDT").update(most=7)
        with pytest.raises(ProposalChanged):
            agree(proposal_id=proposal.pk, digest=proposal.digest, by=park())
        assert AssetPolicy.objects.get(pk="USDT").most == 7

    @pytest.mark.parametrize(
        ("asset", "other"),
        [
            ("USDT", {}),
            ("USDT", {"most": "-1"}),
            ("USDT", {"most": "0.1234567"}),
            ("USDT", {"most": "1e5"}),
            ("USDT", {"least": "10", "most": "5"}),
            ("USDT", {"most": "10", "most_a_day": "5"}),
            ("USDT", {"channel": "hashdam"}),
            ("LTC", {"channel": "mblock"}),
            ("LTC", {"paid_as": "USDT"}),
            ("POINT", {"paid_as": "LTC"}),
            ("POINT", {"paid_as": "nothing"}),
        ],
    )
    def test_what_cannot_be_paid_is_refused(self, asset: str, other: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            propose_policy(asset=asset, wanted=wanted(asset, **other), by=kim(), reason="한도")
        assert not Proposal.objects.exists()


class TestAddressBook:
    def test_it_is_taken_out_and_kept(self, as_user: Open) -> None:
        row = PayoutAddress.objects.filter(user=member()).latest("pk")
        url = "/admin/withdrawals/payoutaddress/act/remove/"
        assert as_user(han()).post(url, {"row": row.pk, "reason": "x"}).status_code == 403
        assert as_user(kim()).post(url, {"row": row.pk, "reason": ""}).status_code == 200
        assert PayoutAddress.objects.filter(pk=row.pk).exists()
        assert as_user(park()).post(url, {"row": row.pk, "reason": "도난 신고"}).status_code == 302
        assert not PayoutAddress.objects.filter(pk=row.pk).exists()
        assert PayoutAddress.with_deleted.get(pk=row.pk).deleted_at is not None
        assert AuditRow.objects.filter(verb="payout_address.removed", reason="도난 신고").count() == 1


class TestTheLock:
    def test_two_people_lift_it_once_all_is_reconciled(self, as_user: Open) -> None:
        url, sent = "/admin/withdrawals/submissionlock/act/unlock/", {"row": 1, "reason": "대사 완료"}
        SubmissionLock.objects.update(is_locked=True, reason="the database was restored")
        assert "First run reconcile_withdrawals" in said(as_user(park()).post(url, sent))
        assert not Proposal.objects.exists()
        SubmissionLock.objects.update(reconciled_at=clock.now())
        as_user(User.objects.get(name="박지훈")).post(url, sent)
        proposal = Proposal.objects.get()
        assert SubmissionLock.objects.get().is_locked
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=lee())
        assert not SubmissionLock.objects.get().is_locked


class TestTakingUpTogether:
    def race(self) -> list[Any]:
        row, people = ask(member(LTC="10")), [staff() for _ in range(6)]
        acts = [lambda by=by: take_up_withdrawal(withdrawal_id=row.pk, by=by) for by in people]
        return run_together(*acts)

    def test_one_of_six_does(self) -> None:
        outcomes = self.race()
        assert sum(outcome.error is None for outcome in outcomes) == 1
        assert {type(outcome.error) for outcome in outcomes if outcome.error} == {TakenUp}

    def test_without_the_condition_each_thinks_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The negative control: looking and then writing lets everybody through."""

        def looked(withdrawal: Any, by: User) -> DeskClaim:
            until = clock.now() + taking.LOOKING_LASTS
            claim, _ = DeskClaim.objects.update_or_create(withdrawal=withdrawal, defaults={"by": by, "until": until})
            return claim

        monkeypatch.setattr(taking, "_claimed", looked)
        assert sum(outcome.error is None for outcome in self.race()) > 1
