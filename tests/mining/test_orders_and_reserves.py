"""Charges and swaps, which take two people; and whether the pool holds what we owe."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import catalogue
from aeghash.core.models import Alert, Job, User
from aeghash.core.operations.approve_proposal import SameApprover, agree
from aeghash.core.operations.propose import propose
from aeghash.core.operations.work_due_jobs import work_due_jobs
from mining.models import HashBalance, OrderKind, PoolHolding, PoolOrder, ReserveProof, Status
from mining.operations.order_power import ACTS, NotEnoughCredit, content_of, place_order, reconcile_orders
from mining.operations.pay_out_coins import TryAgain
from mining.operations.prove_reserves import prove_reserves
from mining.operations.sync_balances import sync_hash_balance
from tests.people import make_staff
from tests.sandbox.served import Served, StoppedClock
from wallets.models import SystemAccount
from wallets.operations.post import post

pytestmark = pytest.mark.django_db(transaction=True)


def two() -> tuple[User, User]:
    return make_staff("one", "finance"), make_staff("other", "finance")


def agreed(kind: OrderKind, amount: str) -> None:
    first, second = two()
    content = content_of(kind, Decimal(amount))
    proposal = propose(act=ACTS[kind], content=content, by=first, reason="more power")
    with pytest.raises(SameApprover):
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=first)
    assert not Job.objects.exists()
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=second)


@pytest.mark.parametrize(("kind", "chapter"), [(OrderKind.CHARGE, "charges"), (OrderKind.SWAP, "swaps")])
def test_an_order_of_two_people_is_placed_once_and_followed_to_its_end(
    pool: Served, time: StoppedClock, kind: OrderKind, chapter: str
) -> None:
    sync_hash_balance()
    agreed(kind, "100.5")
    work_due_jobs(until=lambda done: done >= 5)
    order = PoolOrder.objects.get()
    assert order.status == Status.SUBMITTED
    time.turn(120)
    reconcile_orders()
    assert PoolOrder.objects.get().status == Status.COMPLETED
    assert [row["amount"] for row in pool.books()[chapter]][1:] == ["100.5"]
    assert place_order(reference=order.reference[:-2], kind=kind, amount=order.amount) is None


def test_more_credit_than_there_is_can_not_be_swapped(pool: Served) -> None:
    sync_hash_balance()
    with pytest.raises(NotEnoughCredit):
        content_of(OrderKind.SWAP, HashBalance.objects.get().credit + 1)


@pytest.mark.parametrize("executes", [True, False])
def test_an_unknown_one_is_never_sent_again(pool: Served, time: StoppedClock, executes: bool) -> None:
    pool.fault("reset", method="hashCreditCharge", executes=executes)
    for _delivery in range(3):
        place_order(reference="x", kind=OrderKind.CHARGE, amount=Decimal(7))
        time.turn(100)
        reconcile_orders()
    assert PoolOrder.objects.get().status == (Status.COMPLETED if executes else Status.MANUAL_REVIEW)
    assert Alert.objects.filter(key="mining.order:x#1").exists() is not executes
    assert len(pool.books()["charges"]) == 1 + executes


def test_what_was_not_sent_is_tried_three_times(pool: Served, time: StoppedClock) -> None:
    pool.fault("refusal", method="hashCreditCharge", message="Invalid API Key")
    for _attempt in range(3):
        with pytest.raises(TryAgain):
            place_order(reference="x", kind=OrderKind.CHARGE, amount=Decimal(7))
    assert place_order(reference="x", kind=OrderKind.CHARGE, amount=Decimal(7)) is None
    assert len(pool.books()["charges"]) == 1


TODAY = date(2026, 1, 1)


def hold(coin: str, amount: str) -> None:
    PoolHolding.objects.create(day=TODAY, coin_id=coin, balance=Decimal(amount), available=Decimal(amount))


def give(user: User, coin: str, amount: str) -> None:
    with transaction.atomic():
        post(
            reference=f"{user.pk}{coin}{amount}", asset=coin, amount=Decimal(amount), target=user.pk,
            source=SystemAccount.MINING_INCOME,
        )  # fmt: skip


def test_reserves_are_compared_as_of_midnight_and_what_is_missing_is_told(pool: Served, time: StoppedClock) -> None:
    user = User.objects.create_user("m@example.com")
    time.now -= 13 * 3600 * 1000
    give(user, "LTC", "5")
    give(user, "DOGE", "7")
    time.now += 13 * 3600 * 1000
    give(user, "LTC", "100")
    hold("LTC", "5")
    hold("DOGE", "6.5")
    prove_reserves(day=TODAY)
    proofs = ReserveProof.objects.order_by("coin")
    assert [(proof.coin_id, proof.held) for proof in proofs] == [("DOGE", Decimal(7)), ("LTC", Decimal(5))]
    assert [proof.difference for proof in proofs] == [Decimal("-0.5"), 0]
    assert Alert.objects.get(key="mining.reserve:DOGE").details["missing"] == "0.5"
    assert prove_reserves(day=TODAY) == []
    assert prove_reserves(day=TODAY - timedelta(days=1)) == []


ROW = (
    "INSERT INTO mining_withdrawals (reference, amount, status, remote_id, reason, mark, marked_at, deadline, reading,"
    " evidence, created_at, coin) VALUES ('{0}', {1}, '{2}', {3}, '', '{{}}', now(), now(), '{{}}', '{{}}', now(), 'LTC')"
)
POOL_ROW = (
    "INSERT INTO mining_pool_withdrawals (remote_id, amount, status, made_at, raw, first_seen_at, coin, fee, address, kind,"
    " message, owner, explanation) VALUES ('w1', 5, 'completed', now(), '{}', now(), 'LTC', 0, '', '', '', '{0}', '')"
)
CORRUPTIONS = {
    "W2.hashdam": [
        "ALTER TABLE mining_withdrawals DROP CONSTRAINT mining_withdrawals_named",
        ROW.format("a", 1, "submitted", "NULL"),
    ],
    "W4.hashdam": [
        "DROP INDEX mining_withdrawals_one_open",
        ROW.format("a", 1, "unknown", "NULL"),
        ROW.format("b", 1, "manual-review", "NULL"),
    ],
    "R1": [POOL_ROW.replace("{0}", "ours")],
    "M1": [
        "INSERT INTO mining_days (day, version, flaw, digest, raw, read_at) VALUES ('2026-01-01', 1, 'x', '', '{}', now())",
        "INSERT INTO mining_allocations (facts_id, day, coin, sequence, total, per_mega, power, members, members_count,"
        " is_scaled, allocated_at) SELECT id, day, 'LTC', 0, 1, 1, 1, 1, 1, false, now() FROM mining_days",
        "INSERT INTO mining_incomes (allocation_id, user_id, power, amount) SELECT id, 1, 1, 2 FROM mining_allocations",
    ],
}


@pytest.mark.parametrize("invariant", CORRUPTIONS)
def test_each_invariant_reports_what_it_forbids(owner: Any, invariant: str) -> None:
    (entry,) = (entry for entry in catalogue.entries() if entry.id == invariant)
    assert catalogue.look(entry).holds
    with owner.transaction(force_rollback=True):
        for statement in CORRUPTIONS[invariant]:
            owner.execute(statement)
        assert owner.execute(entry.query).fetchall()
