"""What the desk lets people do, and what it refuses: each refusal leaves everything as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aeghash.core.models import Proposal, User
from tests.face.world import code
from tests.wallets.books import standing
from tests.withdrawals.desk import states
from tests.withdrawals.desk.people import DESK, han, kim, lee, page, park, press, said, sight
from tests.withdrawals.world import ADDRESS, World, ask, fresh, member
from withdrawals.models import AssetPolicy, Status, Withdrawal

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Client]


def standing_of(row: Withdrawal) -> tuple[Any, ...]:
    now = fresh(row)
    return (now.status, now.version, now.approvals.count(), now.log.count(), standing(row.user_id, str(row.asset_id)))


class TestApproving:
    def test_two_people_do(self, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        for person, status in ((park(), Status.APPROVED_PENDING), (lee(), Status.APPROVED)):
            assert press(as_user(person), "approve", row, code=code()).status_code == 302
            assert fresh(row).status == status

    def test_it_takes_a_code(self, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        before, client = standing_of(row), as_user(park())
        for shown in ("", "000000"):
            assert press(client, "approve", row, code=shown).status_code == 200
        assert standing_of(row) == before

    def test_one_code_serves_once(self, as_user: Open) -> None:
        """A double click, or two tabs."""
        rows = [ask(member(LTC="10")), ask(member(LTC="10"))]
        client, shown = as_user(park()), code()
        press(client, "approve", rows[0], code=shown)
        before = [standing_of(row) for row in rows]
        for row in rows:
            assert "used before" in said(press(client, "approve", row, code=shown))
        assert [standing_of(row) for row in rows] == before

    def test_the_same_person_twice_is_told_so(self, as_user: Open) -> None:
        row, client = ask(member(LTC="10")), as_user(park())
        press(client, "approve", row, code=code(-1))
        before = standing_of(row)
        assert "You have approved this already" in said(press(client, "approve", row, code=code()))
        assert standing_of(row) == before
        assert "data-desk-key=&quot;a&quot;" not in page(client, row)
        assert "You have approved this already" in page(client, row)

    def test_a_stale_tab_is_refused_with_the_difference(self, as_user: Open) -> None:
        row, person = ask(member(LTC="10")), park()
        old = sight(row)
        states.approve_as(row, lee())
        before = standing_of(row)
        answer = said(press(as_user(person), "approve", row, seen_before=old, code=code()))
        assert "has changed since it was shown" in answer
        assert "이서연" in answer
        assert "waiting for the first approval → waiting for the second approval" in answer
        assert standing_of(row) == before

    def test_what_no_version_counts_is_compared_too(self, as_user: Open) -> None:
        """What a point is paid as stands in the rules, not in the request."""
        row = ask(member(POINT="100"), "POINT", "10")
        old = sight(row)
        AssetPolicy.objects.filter(asset="POINT").update(paid_as="BNB")
        before = standing_of(row)
        answer = said(press(as_user(park()), "approve", row, seen_before=old, code=code()))
        assert "USDT → BNB" in answer
        assert standing_of(row) == before

    @pytest.mark.parametrize("sent", ["", "x", "[]", "[1]", "null", '{"a": 1}', "9" * 150, '["x",1,2,3,4,5,6,7]'])
    def test_what_was_seen_cannot_be_left_out(self, sent: str, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        before = standing_of(row)
        answer = press(as_user(park()), "approve", row, seen_before={f"seen-{row.pk}": sent}, code=code())
        assert answer.status_code == 200
        assert standing_of(row) == before

    def test_whoever_filed_it_does_not(self, as_user: Open) -> None:
        person = kim()
        row = ask(member(LTC="10"), requested_by=person)
        before = standing_of(row)
        assert "You have filed this request yourself" in said(press(as_user(person), "approve", row, code=code()))
        assert standing_of(row) == before

    def test_what_is_decided_is_not_approved_by_its_address(self, as_user: Open) -> None:
        for row in (states.rejected(), states.cancelled()):
            before = standing_of(row)
            answer = press(as_user(park() if row.status == Status.REJECTED else lee()), "approve", row, code=code())
            assert "can&#x27;t be done any more" in said(answer)
            assert standing_of(row) == before

    def test_from_an_old_page_one_is_told_before_deciding(self, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        old = sight(row)
        states.approve_as(row, lee())
        answer = as_user(park()).get(f"{DESK}act/approve/", {"row": str(row.pk), **old})
        assert "has changed since it was shown" in said(answer)


class TestManyAtOnce:
    def test_each_refusal_is_said_and_holds_up_no_other(self, as_user: Open) -> None:
        person = park()
        rows = [ask(member(LTC="10"), amount="1.5"), ask(member(POINT="50"), "POINT", "20"), states.rejected()]
        client = as_user(person)
        query = "&".join(f"row={row.pk}" for row in rows)
        before = said(client.get(f"{DESK}act/approve/?{query}"))
        assert "2 of 3 rows" in before
        assert "1.5 LTC" in before.replace("1.500000000000000000", "1.5")
        assert "20 USDT" in before.replace("20.000000000000000000", "20")
        done = said(press(client, "approve", *rows, code=code()))
        assert done.count("Approved.") == 2
        assert [fresh(row).status for row in rows] == [Status.APPROVED_PENDING] * 2 + [Status.REJECTED]

    def test_only_what_was_seen_is_approved(self, as_user: Open) -> None:
        rows = [ask(member(LTC="10")), ask(member(LTC="10"))]
        old = sight(*rows)
        states.approve_as(rows[0], lee())
        press(as_user(park()), "approve", *rows, seen_before=old, code=code())
        assert [fresh(row).approvals.count() for row in rows] == [1, 1]
        assert fresh(rows[0]).status == Status.APPROVED_PENDING


class TestOtherActs:
    def test_rejecting_takes_a_reason_and_frees_the_money(self, as_user: Open) -> None:
        row, client = ask(member(LTC="10")), as_user(park())
        assert press(client, "reject", row, reason="").status_code == 200
        assert fresh(row).status == Status.PENDING
        assert press(client, "reject", row, reason="다른 사람의 주소").status_code == 302
        assert (fresh(row).status, standing(row.user_id, "LTC")) == (Status.REJECTED, (10, 0))

    def test_it_is_taken_back_for_the_member(self, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        press(as_user(kim()), "cancel", row, reason="회원 요청")
        assert (fresh(row).status, standing(row.user_id, "LTC")) == (Status.CANCELLED, (10, 0))

    @pytest.mark.parametrize(
        "act", ["approve", "reject", "cancel", "retry", "resolve", "record-forwarding", "confirm-forwarding"]
    )
    def test_support_does_nothing_by_address(self, act: str, as_user: Open) -> None:
        row = ask(member(LTC="10"))
        before = standing_of(row)
        given: dict[str, Any] = {"code": code(), "reason": "x", "txid": "x", "resolution": "release"}
        assert press(as_user(han()), act, row, **given).status_code == 403
        assert standing_of(row) == before

    def test_what_failed_is_asked_for_again_once(self, world: World, as_user: Open) -> None:
        row, client = states.failed(world), as_user(kim())
        assert fresh(row).status == Status.FAILED
        assert press(client, "retry", row).status_code == 302
        again = Withdrawal.objects.get(retry_of=row)
        assert again.status == Status.PENDING
        assert f"see request #{again.pk}" in said(press(client, "retry", row))
        assert Withdrawal.objects.filter(retry_of=row).count() == 1

    def test_a_forwarding_is_recorded_by_one_and_confirmed_by_another(self, world: World, as_user: Open) -> None:
        row = states.to_be_forwarded(world)
        first, second = as_user(park()), as_user(lee())
        assert "Nobody has recorded" in said(press(second, "confirm-forwarding", row, otp=code(-1)))
        press(first, "record-forwarding", row, txid="EX-20260101-77")
        assert "You have approved this already" in said(press(first, "confirm-forwarding", row, otp=code()))
        assert fresh(row).status == Status.FORWARDING
        assert press(second, "confirm-forwarding", row, otp="").status_code == 200
        world.turn(60)
        assert press(second, "confirm-forwarding", row, otp=code()).status_code == 302
        assert fresh(row).status == Status.COMPLETED


class TestManualReview:
    def test_two_people_release_it(self, world: World, as_user: Open) -> None:
        row = states.in_review(world)
        client = as_user(park())
        assert "연결" not in page(client, row)
        press(client, "resolve", row, resolution="release", remote_id="", reason="거래소에 없음")
        proposal = Proposal.objects.get()
        assert fresh(row).status == Status.MANUAL_REVIEW
        assert str(proposal.reason) in page(as_user(lee()), row)
        agree = f"/admin/core/proposal/act/approve/?row={proposal.pk}"
        given = {"row": proposal.pk, f"seen-{proposal.pk}": proposal.digest, "code": code()}
        assert "You have asked for this yourself" in said(client.post(agree, given))
        assert fresh(row).status == Status.MANUAL_REVIEW
        as_user(User.objects.get(name="이서연")).post(agree, given)
        assert fresh(row).status == Status.FAILED

    def test_a_second_decision_waits_for_the_first(self, world: World, as_user: Open) -> None:
        row = states.in_review(world)
        press(as_user(park()), "resolve", row, resolution="release", remote_id="", reason="없음")
        answer = press(as_user(lee()), "resolve", row, resolution="resend", remote_id="", reason="없음")
        assert "Another decision on this request waits" in said(answer)
        assert Proposal.objects.count() == 1

    def test_a_number_that_the_remote_does_not_show_is_refused(self, world: World, as_user: Open) -> None:
        row, client = states.in_review(world), as_user(park())
        assert press(client, "resolve", row, resolution="submitted", remote_id="", reason="봄").status_code == 200
        press(client, "resolve", row, resolution="submitted", remote_id="W-999", reason="봄")
        assert not Proposal.objects.exists()

    def test_operations_does_not_resolve(self, world: World, as_user: Open) -> None:
        row = states.in_review(world)
        given: dict[str, Any] = {"resolution": "release", "remote_id": "", "reason": "x"}
        assert press(as_user(kim()), "resolve", row, **given).status_code == 403
        assert not Proposal.objects.exists()


def test_addresses_are_full_only_for_who_may_see_them(as_user: Open) -> None:
    row = ask(member(LTC="10"), address=ADDRESS)
    sees, sees_not = page(as_user(kim()), row), page(as_user(han()), row)
    assert f'data-copy="{ADDRESS}"' in sees
    assert ADDRESS not in sees_not
    assert ADDRESS[:12] not in sees_not
    assert "act/approve" not in sees_not
