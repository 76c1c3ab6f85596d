"""What a request may ask for, and what is left when it is refused, killed, or asked many times at once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.models import AuditRow, User
from aeghash.core.transactions import opens_one
from risk.models import RiskEvent
from tests.races import run_together
from tests.wallets.books import everything, standing
from tests.wallets.mblock.dying import Killed
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff, work
from wallets.models import Asset, Transfer
from wallets.models.posting import InsufficientBalance
from withdrawals.models import AssetPolicy, Status, Withdrawal, WithdrawalLog
from withdrawals.operations import request_withdrawal as requesting
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.retry_withdrawal import RetriedAlready, retry_withdrawal
from withdrawals.queries import figures

NOWHERE = "0x" + "cd" * 20


def left() -> list[Any]:
    counts = [model.objects.count() for model in (Withdrawal, WithdrawalLog, RiskEvent)]
    return [*counts, everything()]


def asked_by(user: User, asset: str = "LTC", amount: str = "6") -> Any:
    def act() -> Withdrawal:
        with acting_as(command("test")):
            return ask(user, asset, amount)

    return act


@pytest.mark.parametrize(
    ("asset", "amount", "fields", "code"),
    [
        ("LTC", "100.5", {}, "insufficient_balance"),
        ("LTC", "0.123456789", {}, "validation_error"),
        ("LTC", "0", {}, "validation_error"),
        ("LTC", "-1", {}, "validation_error"),
        ("USDT", "1", {"address": NOWHERE}, "address_not_whitelisted"),
        ("USDT", "1", {"address": None}, "address_not_whitelisted"),
        ("LTC", "1", {"address": NOWHERE}, "address_not_whitelisted"),
    ],
)
def test_what_is_refused_leaves_nothing(
    world: World, asset: str, amount: str, fields: dict[str, Any], code: str
) -> None:
    user = member()
    before = left()
    with pytest.raises(Refusal) as refused:
        ask(user, asset, amount, **fields)
    assert refused.value.code == code
    assert left() == before


@pytest.mark.parametrize(
    "policy", [{"is_enabled": False}, {"least": Decimal(2)}, {"most": Decimal("0.5")}, {"most_a_day": Decimal("0.9")}]
)
def test_limits_are_kept_when_it_is_asked_and_again_when_it_is_to_be_paid(world: World, policy: dict[str, Any]) -> None:
    user = member()
    withdrawal = approved(ask(user, "LTC", "1"))
    AssetPolicy.objects.filter(asset="LTC").update(**policy)
    before = left()
    with pytest.raises(Refusal) as refused:
        ask(user, "LTC", "1")
    assert (refused.value.code, left()) == ("withdrawal_limit_exceeded", before)
    work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.PENDING, [])
    assert "withdrawal_limit_exceeded" in fresh(withdrawal).reason
    assert fresh(withdrawal).reason.isascii(), "the log is in English, whoever's job it was"


def test_a_day_of_limits_goes_on_for_what_was_asked_yesterday(world: World) -> None:
    """A limit that came since counts for it too, although it isn't among the last 24 hours any more."""
    withdrawal = ask(member(), "LTC", "5")
    world.turn(25 * 3600)
    approved(withdrawal)
    AssetPolicy.objects.filter(asset="LTC").update(most_a_day=Decimal(4))
    work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.PENDING, [])


def test_what_was_refused_or_failed_is_not_counted_in_a_days_limit(world: World) -> None:
    AssetPolicy.objects.filter(asset="LTC").update(most_a_day=Decimal(4))
    user = member()
    taken_back = ask(user, "LTC", "3")
    with opens_one():
        cancel_withdrawal(withdrawal_id=taken_back.pk)
    ask(user, "LTC", "4")
    with pytest.raises(Refusal, match=r"4"):
        ask(user, "LTC", "0.5")


def test_an_asset_without_a_rule_of_payout_is_refused(world: World, owner: Any) -> None:
    user = member()
    owner.execute("DELETE FROM withdrawal_policies WHERE asset_id = 'LTC'")
    with pytest.raises(Refusal) as refused:
        ask(user, "LTC", "1")
    assert (refused.value.code, Withdrawal.objects.count()) == ("withdrawal_limit_exceeded", 0)


def test_a_member_who_is_not_active_asks_for_nothing_and_is_paid_nothing(world: World) -> None:
    user = member()
    withdrawal = approved(ask(user, "LTC", "1"))
    User.objects.filter(pk=user.pk).update(is_active=False)
    before = left()
    with pytest.raises(Refusal) as refused:
        ask(user, "LTC", "1")
    assert (refused.value.code, left()) == ("member_inactive", before)
    work()
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.PENDING, [])


def test_of_many_at_once_with_money_for_one_one_is_made(world: World) -> None:
    user = member(LTC="10")
    outcomes = run_together(*[asked_by(user)] * 6)
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [InsufficientBalance] * 5
    assert Withdrawal.objects.count() == Transfer.objects.filter(kind="hold").count() == 1
    assert standing(user.pk, "LTC") == (10, 6)


def test_of_many_at_once_within_a_days_limit_one_is_made(world: World) -> None:
    AssetPolicy.objects.filter(asset="LTC").update(most_a_day=Decimal(7))
    user = member(LTC="100")
    run_together(*[asked_by(user)] * 6)
    assert Withdrawal.objects.count() == 1


def test_control_without_the_members_lock_the_limit_is_passed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlocked:
        objects = type("Rows", (), {"select_for_update": staticmethod(lambda **_options: User.objects)})

    monkeypatch.setattr(requesting, "User", Unlocked)
    AssetPolicy.objects.filter(asset="LTC").update(most_a_day=Decimal(7))
    user = member(LTC="100")
    genuine = figures.asked_in_a_day

    def slowly(*args: Any) -> Decimal:
        asked = genuine(*args)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return asked

    monkeypatch.setattr("withdrawals.queries.limits.asked_in_a_day", slowly)
    run_together(*[asked_by(user)] * 4)
    assert Withdrawal.objects.count() > 1


def test_killed_before_the_commit_it_never_was(world: World) -> None:
    user = member()
    before = left()
    with pytest.raises(Killed), opens_one():
        requesting.request_withdrawal(user=user, asset=Asset.objects.get(pk="LTC"), amount=Decimal(1), source="test")
        raise Killed
    assert left() == before


def test_a_retry_asked_twice_is_made_once(world: World) -> None:
    """A request that failed is asked for again by one new one, however many say so at once."""
    failed = failed_one(world, member(LTC="10"))
    clerk = staff("operations")
    outcomes = run_together(*[lambda: retry_withdrawal(withdrawal_id=failed.pk, by=clerk)] * 4)
    (again,) = [outcome.value for outcome in outcomes if outcome.value]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [RetriedAlready] * 3
    assert (again.retry_of_id, again.status, again.hold_id) == (failed.pk, Status.PENDING, again.hold_id)
    assert standing(failed.user_id, "LTC") == (10, Decimal("1.5"))
    approved(again)
    heal(world)
    assert (fresh(again).status, len(world.paid(again))) == (Status.COMPLETED, 1)
    assert fresh(failed).status == Status.FAILED


def failed_one(world: World, user: User) -> Withdrawal:
    world.pool.fault("ends", method="assetWithdrawRequest", times=1, status="failed", message="no")
    withdrawal = approved(ask(user, "LTC", "1.5"))
    heal(world)
    assert fresh(withdrawal).status == Status.FAILED
    return fresh(withdrawal)


def test_cancelled_twice_it_is_cancelled_once(world: World) -> None:
    user = member(LTC="10")
    withdrawal = ask(user, "LTC", "6")
    for _ in "ab":
        with opens_one():
            cancel_withdrawal(withdrawal_id=withdrawal.pk)
    assert (standing(user.pk, "LTC"), fresh(withdrawal).version) == ((10, 0), 2)
    assert AuditRow.objects.filter(verb="withdrawal.cancelled").count() == 1


def test_the_pools_fee_is_the_companys_and_in_the_ledger_once(world: World) -> None:
    user = member(LTC="10")
    withdrawal = approved(ask(user, "LTC", "1.5"))
    heal(world)
    (paid,) = world.paid(withdrawal)
    (fee,) = Transfer.objects.filter(reference=f"withdrawal:{withdrawal.pk}:fee")
    assert (fee.amount, fee.source_system, fee.target_system) == (Decimal(paid["fee"]), "payouts", "fees")
    assert standing(user.pk, "LTC") == (Decimal("8.5"), 0)


def test_a_fee_on_top_is_held_and_paid_with_it(world: World) -> None:
    AssetPolicy.objects.filter(asset="LTC").update(fee_on_top=Decimal("0.5"))
    user = member(LTC="10")
    withdrawal = approved(ask(user, "LTC", "1.5"))
    assert standing(user.pk, "LTC") == (10, 2)
    heal(world)
    assert (fresh(withdrawal).status, standing(user.pk, "LTC")) == (Status.COMPLETED, (8, 0))
    assert [row["amount"] for row in world.paid(withdrawal)] == ["1.5"]


def test_an_address_is_the_same_in_capitals(world: World) -> None:
    capitals = "0x" + ADDRESS[2:].upper()
    assert ask(member(), "USDT", "1", address=capitals).address == ADDRESS


def test_cooling_ends_at_its_moment_not_before(world: World) -> None:
    user = member(USDT="10")
    user.payout_addresses.update(usable_from=clock.now() + timedelta(seconds=1))
    with pytest.raises(Refusal):
        ask(user, "USDT", "1")
    world.turn(1)
    assert ask(user, "USDT", "1").is_open
