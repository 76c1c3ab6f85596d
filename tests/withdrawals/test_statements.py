"""How much a payout asks of the database: each question too many is paid for by every request."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.withdrawals.world import World, ask, fresh, member, staff
from withdrawals.models import Status
from withdrawals.operations.approve_withdrawal import approve
from withdrawals.operations.reject_withdrawal import reject_withdrawal


def test_a_request_and_its_decisions(world: World, django_assert_max_num_queries: Any) -> None:
    user, people = member(LTC="10"), (staff(), staff())
    with django_assert_max_num_queries(16):  # of these, two only because it is flagged
        withdrawal = ask(user)
    for person, expected in zip(people, (Status.APPROVED_PENDING, Status.APPROVED), strict=True):
        with django_assert_max_num_queries(8):
            approve(withdrawal_id=withdrawal.pk, by=person, version=withdrawal.version)
        withdrawal = fresh(withdrawal)
        assert withdrawal.status == expected
    other = ask(user)
    with django_assert_max_num_queries(6):
        reject_withdrawal(withdrawal_id=other.pk, by=people[0], reason="not now")
    assert fresh(other).status == Status.REJECTED


def test_what_risk_knows_of_earlier_requests_is_one_question_however_many(world: World) -> None:
    user = member(USDT="100")

    def asked() -> int:
        with CaptureQueriesContext(connection) as context:
            ask(user, "USDT", "1", ip="203.0.113.9", device_id="phone")
        return len(context)

    asked()
    assert asked() == asked() == asked()
