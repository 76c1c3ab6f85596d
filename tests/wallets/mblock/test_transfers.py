"""From queued to completed, and every other way a transfer ends."""

import pytest
from django.db import transaction

from aeghash.core.models import Alert, AuditRow, Job, JobState
from aeghash.core.operations.set_kill_switch import engage_kill_switch, lift_kill_switch
from tests.wallets.mblock.world import World, fresh, heal, make_wallet, queue, status_of, work
from wallets.models import TransactionKind, WalletTransaction
from wallets.operations.queue_transaction import queue_transaction


def test_a_transfer_is_sent_once_and_completed_by_its_receipt(world: World) -> None:
    row = queue(make_wallet(world))
    work()
    row = fresh(row)
    (sent,) = world.sent(row.to_address)
    assert (row.status, row.txid, sent["amount"]) == ("completed", sent["txid"], "12.5")
    assert row.evidence["receipt"] == {"from": row.wallet.address, "to": row.to_address, "amount": "12.5"}
    assert row.mark == {"sender": "1000", "receiver": "0"}
    verbs = (
        AuditRow.objects.filter(object_type="wallets.wallettransaction").order_by("id").values_list("verb", flat=True)
    )
    assert [verb.partition(".")[2] for verb in verbs] == ["queued", "submitting", "submitted", "completed"]


def test_a_transit_is_pending_until_its_callback_leads_to_a_receipt(world: World) -> None:
    row = queue(make_wallet(world, bnb="0"), kind=TransactionKind.TRANSIT)
    work()
    assert status_of(row) == "pending-transit"
    heal(world, minutes=5, step=15)
    row = fresh(row)
    (sent,) = world.sent(row.to_address)
    assert (row.status, row.txid) == ("completed", sent["txid"])


def test_what_was_not_sent_is_tried_three_times_and_failed_with_an_alert(world: World, settings: object) -> None:
    settings.MBLOCK_API_BASE_URL = "http://127.0.0.1:9/bsc"  # type: ignore[attr-defined]  # nobody listens there
    row = queue(make_wallet(world))
    work()
    assert (status_of(row), fresh(row).reason) == ("retrying", "unreadable")
    heal(world, minutes=10)
    row = fresh(row)
    assert (row.status, row.attempts) == ("failed", 3)
    assert Alert.objects.filter(key=f"wallets.failed:{row.pk}").exists()
    assert Job.objects.get(kind="wallets.submit_transaction").state == JobState.DEAD  # in the retry queue
    assert world.sent(row.to_address) == []


@pytest.mark.parametrize(("message", "attempts"), [("Invalid API Key", 3), ("Invalid Wallet Key", 1)])
def test_a_refusal_fails_it_at_once_unless_it_may_pass(world: World, message: str, attempts: int) -> None:
    world.fault("refusal", method="transferByWalletKey", message=message)
    row = queue(make_wallet(world))
    work()
    heal(world, minutes=10)
    row = fresh(row)
    assert (row.status, row.attempts, row.reason) == ("failed", attempts, message)
    assert world.sent(row.to_address) == []


def test_a_passing_refusal_passes(world: World) -> None:
    world.fault("refusal", method="transferByWalletKey", message="No API Permission", times=2)
    row = queue(make_wallet(world))
    work()
    heal(world, minutes=10)
    assert (status_of(row), fresh(row).attempts) == ("completed", 3)
    assert len(world.sent(row.to_address)) == 1


def test_too_little_money_is_a_refusal_only_because_the_balance_says_so(world: World) -> None:
    row = queue(make_wallet(world, tokens="3"))
    work()
    assert (status_of(row), fresh(row).reason) == ("failed", "Not enough balance")


def test_too_little_money_said_of_a_full_wallet_is_unknown(world: World) -> None:
    world.fault("refusal", method="transferByWalletKey", message="Not enough balance", executes=True)
    row = queue(make_wallet(world, tokens="20"))
    work()
    assert status_of(row) == "manual-review"
    assert len(world.sent(row.to_address)) == 1


def test_one_unknown_stops_its_own_wallet_and_no_other(world: World) -> None:
    stuck, free = make_wallet(world), make_wallet(world)
    world.fault("timeout", method="transferByWalletKey", times=1)
    unknown, behind, beside = queue(stuck), queue(stuck), queue(free)
    work()
    assert [status_of(row) for row in (unknown, behind, beside)] == ["manual-review", "queued", "completed"]
    heal(world, minutes=20)
    assert status_of(behind) == "queued"
    assert Alert.objects.filter(key="wallets.waiting").exists()
    assert world.sent(behind.to_address) == []


def test_nothing_is_submitted_while_the_kill_switch_is_on(world: World) -> None:
    engage_kill_switch(reason="drill")
    row = queue(make_wallet(world))
    work()
    heal(world, minutes=2)
    assert (status_of(row), world.sent(row.to_address)) == ("queued", [])
    lift_kill_switch(reason="over")
    heal(world, minutes=2)
    assert status_of(row) == "completed"


def test_the_same_reference_is_one_transfer(world: World) -> None:
    row = queue(make_wallet(world))
    with transaction.atomic():
        again = queue_transaction(
            kind=TransactionKind.TRANSFER, wallet=row.wallet, asset=row.asset, to_address=row.to_address,
            amount=row.amount, reference=row.reference,
        )  # fmt: skip
    work()
    assert again.pk == row.pk
    assert (WalletTransaction.objects.count(), len(world.sent(row.to_address))) == (1, 1)
