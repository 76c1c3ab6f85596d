"""The payout channel by itself: what withdrawals will rely on."""

from decimal import Decimal

import pytest
from django.db import transaction

from aeghash.core import ids
from aeghash.core.actors import acting_as, command
from aeghash.core.operations.set_kill_switch import engage_kill_switch
from aeghash.core.payouts import (
    Accepted,
    Ambiguous,
    Attempt,
    Channel,
    Failed,
    Found,
    NothingYet,
    NotReady,
    NotSent,
    Outcome,
    Payment,
    Refused,
    Settled,
    Unknown,
)
from tests.races import run_together
from tests.wallets.mblock.dying import dying_at
from tests.wallets.mblock.settling import settle_as_it_is
from tests.wallets.mblock.world import World, fresh_address, heal, payout_wallets
from wallets.channels.mblock import CHANNEL
from wallets.models import WalletTransaction
from wallets.operations.watch_wallets import watch_wallets

METHOD = "transferByWalletKey"


def payment(amount: str = "10", asset: str = "USDT") -> Payment:
    return Payment(reference=ids.request_id(), asset=asset, amount=Decimal(amount), address=fresh_address())


def begun(of: Payment) -> Attempt:
    attempt = Attempt(payment=of, mark=CHANNEL.prepare(of))
    with transaction.atomic():
        CHANNEL.begin(attempt)
    return attempt


def row_of(attempt: Attempt) -> WalletTransaction:
    return WalletTransaction.objects.select_related("wallet", "asset").get(
        reference=f"payout:{attempt.payment.reference}"
    )


@pytest.fixture(autouse=True)
def _wallets(world: World) -> None:
    payout_wallets()


def test_a_payout_is_accepted_and_then_settled_by_its_receipt(world: World) -> None:
    channel: Channel = CHANNEL  # the shape that withdrawals know
    attempt = begun(payment(asset="POINT"))
    outcome = channel.submit(attempt)
    (sent,) = world.sent(attempt.payment.address)
    assert outcome == Accepted(sent["txid"])
    found = channel.look(attempt)
    assert isinstance(found, Settled)
    assert (found.remote_id, found.evidence["receipt"]["amount"], sent["symbol"]) == (sent["txid"], "10", "USDT")
    assert channel.look(attempt) == found


def test_submitted_twice_is_sent_once(world: World) -> None:
    attempt = begun(payment())

    def submit() -> Outcome:
        with acting_as(command("test")):
            return CHANNEL.submit(attempt)

    outcomes = [outcome.value for outcome in run_together(*[submit] * 4)]
    assert len(world.sent(attempt.payment.address)) <= 1
    assert CHANNEL.submit(attempt) == Accepted(world.sent(attempt.payment.address)[0]["txid"])
    assert not any(isinstance(outcome, NotSent | Refused) for outcome in outcomes)


def test_the_same_attempt_begins_once(world: World) -> None:
    attempt = begun(payment())
    with pytest.raises(NotReady), transaction.atomic():
        CHANNEL.begin(attempt)
    assert WalletTransaction.objects.count() == 1
    heal(world, minutes=2)


def test_an_unknown_blocks_its_wallet_and_no_other(world: World) -> None:
    world.fault("timeout", method=METHOD, times=1)
    lost = begun(payment())
    assert isinstance(CHANNEL.submit(lost), Unknown)
    assert isinstance(CHANNEL.look(lost), Ambiguous)
    others = [begun(payment()) for _ in range(1)]
    assert all(isinstance(CHANNEL.submit(attempt), Accepted) for attempt in others)
    assert row_of(others[0]).wallet != row_of(lost).wallet
    assert CHANNEL.prepare(payment())["wallet"] == row_of(others[0]).wallet.address


def test_all_wallets_busy_is_not_ready(world: World) -> None:
    world.fault("timeout", method=METHOD)
    for _ in range(2):
        CHANNEL.submit(begun(payment()))
    with pytest.raises(NotReady, match="no_free_wallet"):
        CHANNEL.prepare(payment())


def test_too_much_for_any_wallet_is_not_ready(world: World) -> None:
    with pytest.raises(NotReady, match="not_enough_money"):
        CHANNEL.prepare(payment("99000000"))


def test_two_claims_of_one_wallet_make_one_payout(world: World) -> None:
    one, two = payment(), payment()
    mark = CHANNEL.prepare(one)
    with transaction.atomic():
        CHANNEL.begin(Attempt(payment=one, mark=mark))
    with pytest.raises(NotReady, match="wallet_busy"), transaction.atomic():
        CHANNEL.begin(Attempt(payment=two, mark=mark))
    assert WalletTransaction.objects.count() == 1
    heal(world, minutes=2)


def test_what_was_not_sent_is_said_at_once_and_frees_the_wallet(world: World) -> None:
    attempt = begun(payment())
    engage_kill_switch(reason="drill")
    assert CHANNEL.submit(attempt) == NotSent("kill_switch")
    assert isinstance(CHANNEL.look(attempt), Failed)
    with pytest.raises(NotReady, match="kill_switch"):
        CHANNEL.prepare(payment())
    assert world.sent(attempt.payment.address) == []


def test_a_refusal_is_told_with_whether_it_may_pass(world: World) -> None:
    world.fault("refusal", method=METHOD, message="No API Permission", times=1)
    assert CHANNEL.submit(begun(payment())) == Refused("No API Permission", passing=True)


@pytest.mark.parametrize(
    ("place", "sent", "status"),
    [("wallets: before the call", 0, "manual-review"), ("wallets: answered", 1, "manual-review"), ("", 1, "completed")],
)
def test_a_worker_that_dies_in_it_leaves_no_doubt_unseen(world: World, place: str, sent: int, status: str) -> None:
    attempt = begun(payment())
    with dying_at(place):
        CHANNEL.submit(attempt)
    heal(world, minutes=5)
    assert (row_of(attempt).status, len(world.sent(attempt.payment.address))) == (status, sent)


def test_one_that_died_before_it_called_is_failed_with_proof(world: World) -> None:
    attempt = begun(payment())
    assert CHANNEL.look(attempt) == NothingYet("calling")
    world.turn(61)
    watch_wallets()
    assert isinstance(CHANNEL.look(attempt), Failed)
    assert CHANNEL.submit(attempt) == NotSent("worker_lost")
    assert world.sent(attempt.payment.address) == []


def test_a_txid_that_people_give_settles_it_only_by_its_receipt(world: World) -> None:
    world.fault("timeout", method=METHOD, times=1)
    attempt, other = begun(payment()), begun(payment())
    CHANNEL.submit(attempt)
    CHANNEL.submit(other)
    (sent,), (others,) = world.sent(attempt.payment.address), world.sent(other.payment.address)
    assert isinstance(CHANNEL.look(attempt, others["txid"]), Ambiguous)
    assert isinstance(CHANNEL.look(attempt, sent["txid"]), Settled)


def test_abandoned_by_two_people_it_frees_its_wallet(world: World) -> None:
    world.fault("timeout", method=METHOD, times=1, executes=False)
    attempt = begun(payment())
    CHANNEL.submit(attempt)
    with transaction.atomic():
        CHANNEL.abandon(attempt)
        CHANNEL.abandon(attempt)
    assert isinstance(CHANNEL.look(attempt), Failed)


def test_settled_here_it_is_known_to_its_owner(world: World) -> None:
    world.fault("timeout", method=METHOD, times=1)
    attempt = begun(payment())
    CHANNEL.submit(attempt)
    settle_as_it_is(world, row_of(attempt))
    assert isinstance(CHANNEL.look(attempt), Settled)


def test_without_a_receipt_it_is_found_and_not_settled(world: World) -> None:
    world.fault("receipt-late", method=METHOD, seconds=300)
    attempt = begun(payment())
    CHANNEL.submit(attempt)
    assert isinstance(CHANNEL.look(attempt), Found)
