"""Of bonus, three times what a member has bought can be withdrawn, for ever."""

from decimal import Decimal

import pytest

from aeghash.core import catalogue
from aeghash.core.transactions import opens_one
from organization.models import Order
from organization.operations.refund_order import refund_order
from tests.database import Owner
from tests.wallets.books import standing
from tests.withdrawals.world import World, approved, ask, fresh, heal, member, staff
from wallets.models import Transfer
from withdrawals.models import Approval, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.queries.limits import CapReached

CAP = 3000  # of purchases for 1,000


def violations() -> list[object]:
    return [row for entry in catalogue.entries() if entry.id == "W7" for row in catalogue.look(entry).violations]


def test_up_to_the_cap_and_not_a_millionth_more(world: World) -> None:
    user = member(POINT="5000")
    first = ask(user, "POINT", "2999.999999")
    with pytest.raises(CapReached):
        ask(user, "POINT", "0.000002")
    assert Withdrawal.objects.count() == 1
    assert standing(user.pk, "POINT") == (5000, Decimal("2999.999999"))
    ask(user, "POINT", "0.000001")
    assert fresh(first).status == Status.PENDING


def test_what_was_taken_back_counts_no_more(world: World) -> None:
    user = member(POINT="5000")
    first = ask(user, "POINT", str(CAP))
    with opens_one():
        cancel_withdrawal(withdrawal_id=first.pk)
    assert ask(user, "POINT", str(CAP)).status == Status.PENDING


def test_whoever_has_bought_nothing_withdraws_no_bonus(world: World) -> None:
    user = member(POINT="50")
    refund(user.pk)
    before = Transfer.objects.count()
    with pytest.raises(CapReached):
        ask(user, "POINT", "1")
    assert (Withdrawal.objects.count(), Transfer.objects.count()) == (0, before)
    assert ask(member(USDT="10"), "USDT", "1").status == Status.PENDING, "the cap is of bonus alone"


def test_a_refund_before_the_last_approval_is_seen_there(world: World) -> None:
    user = member(POINT="50")
    withdrawal = ask(user, "POINT", "10")
    one, two = staff(), staff()
    approve(withdrawal_id=withdrawal.pk, by=one, version=1)
    refund(user.pk)
    with pytest.raises(CapReached):
        approve(withdrawal_id=withdrawal.pk, by=two, version=fresh(withdrawal).version)
    assert fresh(withdrawal).status == Status.APPROVED_PENDING
    assert Approval.objects.filter(withdrawal=withdrawal).count() == 1


def test_a_refund_after_the_approvals_is_seen_at_the_claim(world: World) -> None:
    user = member(POINT="50")
    withdrawal = approved(ask(user, "POINT", "10"))
    refund(user.pk)
    heal(world, minutes=3)
    assert fresh(withdrawal).status == Status.PENDING
    assert "withdrawal_limit_exceeded" in fresh(withdrawal).reason
    assert world.paid(withdrawal) == []
    assert violations() == []


def test_a_payout_above_the_cap_is_reported(world: World, owner: Owner) -> None:
    user = member(POINT="50")
    withdrawal = approved(ask(user, "POINT", "10"))
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED
    assert violations() == []
    change = "SET session_replication_role = replica; UPDATE organization_orders SET total_amount = {};"
    owner.execute(change.format(3))
    assert [row["id"] for row in violations()] == [withdrawal.pk]  # type: ignore[index]
    owner.execute(change.format(1000) + "SET session_replication_role = DEFAULT")


def refund(buyer: int) -> None:
    refund_order(order=Order.objects.get(buyer=buyer), reason="taken back")
