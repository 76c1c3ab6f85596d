"""From request to payout, on both channels."""

from decimal import Decimal

import pytest

from tests.wallets.books import standing
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff
from withdrawals.models import Status, Withdrawal, WithdrawalLog
from withdrawals.operations.forward_withdrawal import record_forwarding


def actions(withdrawal: Withdrawal) -> list[str]:
    return list(WithdrawalLog.objects.filter(withdrawal=withdrawal).order_by("pk").values_list("action", flat=True))


def test_coins_are_paid_once_two_people_have_agreed(world: World) -> None:
    user = member(LTC="10")
    withdrawal = ask(user, "LTC", "1.5")
    assert standing(user.pk, "LTC") == (10, Decimal("1.5"))
    approved(withdrawal)
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED
    assert [row["withdrawId"] for row in world.paid(withdrawal)] == [fresh(withdrawal).remote_id]
    assert standing(user.pk, "LTC") == (Decimal("8.5"), 0)
    assert actions(withdrawal) == [
        "requested", "flagged", "approved_stage1", "approved", "submitting", "submitted", "completed",
    ]  # fmt: skip


@pytest.mark.parametrize(("asset", "paid_as"), [("USDT", "USDT"), ("POINT", "USDT"), ("BNB", "BNB")])
def test_tokens_are_paid_to_the_address(world: World, asset: str, paid_as: str) -> None:
    user = member(**{asset: "0.9"})
    withdrawal = approved(ask(user, asset, "0.5"))
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED
    assert [row["to"] for row in world.paid(withdrawal)] == [ADDRESS]
    assert standing(user.pk, asset) == (Decimal("0.4"), 0)


def test_coins_for_an_address_go_on_until_two_people_have_forwarded_them(world: World) -> None:
    user, one, two = member(LTC="10"), staff(), staff()
    withdrawal = approved(ask(user, "LTC", "1.5", address=ADDRESS))
    heal(world)
    assert fresh(withdrawal).status == Status.FORWARDING
    assert standing(user.pk, "LTC") == (10, Decimal("1.5")), "it is still owed"
    record_forwarding(withdrawal_id=withdrawal.pk, by=one, txid="exchange-1")
    from withdrawals.operations.approve_withdrawal import SameApprover

    with pytest.raises(SameApprover):
        confirm(withdrawal, one)
    confirm(withdrawal, two)
    assert fresh(withdrawal).status == Status.COMPLETED
    assert standing(user.pk, "LTC") == (Decimal("8.5"), 0)


def confirm(withdrawal: Withdrawal, by: object) -> None:
    from withdrawals.operations import forward_withdrawal

    forward_withdrawal._confirm(withdrawal.pk, by, fresh(withdrawal).version)  # type: ignore[arg-type]
