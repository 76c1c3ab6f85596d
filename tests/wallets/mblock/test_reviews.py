"""Two people: for what moves money, and for what the machine can't settle. And the database, which lets nobody around it."""

from contextlib import suppress

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from aeghash.core import catalogue
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Invalid, NotAllowed
from aeghash.core.models import Job
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover
from aeghash.core.operations.claim_job import claim_job
from tests.database import Owner
from tests.people import make_staff
from tests.races import Interleaving
from tests.wallets.mblock.settling import agreed, two_people
from tests.wallets.mblock.world import World, fresh, fresh_address, heal, make_wallet, queue, status_of, work
from wallets.models import EDGES, WalletTransaction
from wallets.operations import call_mblock as calling
from wallets.operations.claim_transaction import Claim, claim_transaction
from wallets.operations.move_tokens import NotRepeatable, propose_again, propose_transfer, propose_transit
from wallets.operations.queue_transaction import WalletNotActive
from wallets.operations.resolve_manual_review import NotInReview, ReceiptDiffers, propose_as_not_sent, propose_as_sent
from wallets.operations.submit_transaction import submit_transaction


def in_review(world: World, *, executes: bool = True) -> WalletTransaction:
    world.fault("timeout", method="transferByWalletKey", times=1, executes=executes)
    row = queue(make_wallet(world))
    work()
    assert status_of(row) == "manual-review"
    return fresh(row)


def test_a_transfer_takes_two_people_of_finance(world: World) -> None:
    wallet, to = make_wallet(world), fresh_address()
    one, two = two_people()
    wanted = {"wallet_id": str(wallet.pk), "asset": "USDT", "to": to, "amount": "7", "reason": "rent"}
    with pytest.raises(NotAllowed):
        propose_transfer(by=make_staff("ops", "operations"), **wanted)
    proposal = propose_transfer(by=one, **wanted)
    with pytest.raises(SameApprover):
        agreed(proposal, one)
    work()
    assert not WalletTransaction.objects.exists()
    agreed(proposal, two)
    work()
    assert WalletTransaction.objects.get().status == "completed"
    assert len(world.sent(to)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("to", "0x12"), ("to", "wallet"), ("amount", "0"), ("amount", "1e5"), ("amount", "0.0000001"), ("asset", "LTC")],
)
def test_what_can_not_be_sent_is_refused_by_name(world: World, field: str, value: str) -> None:
    wallet = make_wallet(world)
    wanted = {"asset": "USDT", "to": fresh_address(), "amount": "7", "reason": "rent"}
    wanted[field] = wallet.address if value == "wallet" else value
    with pytest.raises(Invalid) as refusal:
        propose_transfer(wallet_id=str(wallet.pk), by=two_people()[0], **wanted)
    assert refusal.value.parameters["field"] == field
    with pytest.raises(Invalid):
        propose_transit(wallet_id=str(wallet.pk), by=two_people()[0], **{**wanted, "asset": "BNB"})
    assert not WalletTransaction.objects.exists()


def test_a_wallet_frozen_since_it_was_proposed_pays_nothing(world: World) -> None:
    wallet = make_wallet(world)
    one, two = two_people()
    proposal = propose_transfer(
        wallet_id=str(wallet.pk), asset="USDT", to=fresh_address(), amount="7", reason="x", by=one
    )
    wallet.update(state="frozen")
    with pytest.raises((ProposalChanged, WalletNotActive)):
        agreed(proposal, two)
    assert not WalletTransaction.objects.exists()


def test_a_review_is_settled_as_sent_only_with_a_receipt_of_ours(world: World) -> None:
    other = queue(make_wallet(world))
    work()
    row = in_review(world)
    one, two = two_people()
    for txid in ("0x" + "1" * 64, fresh(other).txid or ""):
        with pytest.raises(ReceiptDiffers):
            propose_as_sent(transaction_id=row.pk, txid=txid, reason="x", by=one)
    (sent,) = world.sent(row.to_address)
    proposal = propose_as_sent(transaction_id=row.pk, txid=sent["txid"].upper().replace("0X", "0x"), reason="x", by=one)
    assert status_of(row) == "manual-review"
    agreed(proposal, two)
    assert (status_of(row), fresh(row).txid) == ("completed", sent["txid"])


def test_a_review_is_settled_as_not_sent_on_two_peoples_word(world: World) -> None:
    row = in_review(world, executes=False)
    one, two = two_people()
    with pytest.raises(NotAllowed):
        propose_as_not_sent(transaction_id=row.pk, reason="x", by=make_staff("ops", "operations"))
    proposal = propose_as_not_sent(transaction_id=row.pk, reason="looked on the chain", by=one)
    with pytest.raises(SameApprover):
        agreed(proposal, one)
    agreed(proposal, two)
    assert status_of(row) == "failed"
    with pytest.raises(NotInReview):
        propose_as_not_sent(transaction_id=row.pk, reason="again", by=one)


def test_a_failed_one_is_asked_for_again_once_in_a_row_of_its_own(world: World) -> None:
    row = in_review(world, executes=False)
    one, two = two_people()
    agreed(propose_as_not_sent(transaction_id=row.pk, reason="x", by=one), two)
    first, second = (propose_again(transaction_id=row.pk, reason="x", by=one) for _ in range(2))
    agreed(first, two)
    with pytest.raises(NotRepeatable):
        agreed(second, two)
    work()
    again = WalletTransaction.objects.get(retry_of=row)
    assert (again.status, len(world.sent(row.to_address))) == ("completed", 1)


def test_two_workers_with_one_transfer_call_once(world: World) -> None:
    row = queue(make_wallet(world))
    assert sent_by_two_workers(world, row) == 1


def test_control_without_the_mark_two_workers_would_call_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second caller with the same attempt in hand."""
    monkeypatch.setattr(calling, "_set_mark", lambda row: None)
    assert calls_of_one_attempt(world) == 2


def test_with_the_mark_the_second_calls_nobody(world: World) -> None:
    assert calls_of_one_attempt(world) == 1


def calls_of_one_attempt(world: World) -> int:
    row = queue(make_wallet(world))
    with transaction.atomic():
        assert claim_transaction(row) is Claim.TAKEN
    for _ in range(2):
        with suppress(calling.Overtaken):
            calling.call_mblock(fresh(row))
    sent = len(world.sent(row.to_address))
    heal(world, minutes=3)
    return sent


def sent_by_two_workers(world: World, row: WalletTransaction) -> int:
    job = Job.objects.get()

    def first() -> None:
        with acting_as(command("first")):
            lease = claim_job(job_id=job.pk)
            assert lease is not None
            submit_transaction(lease=lease, transaction_id=row.pk)

    def second() -> None:
        """Ten minutes later by its own clock, while the first is still paused before its call."""
        with acting_as(command("second")):
            world.turn(600)
            heal(world, minutes=3)

    Interleaving(at="wallets: before the call", grace=5).run(first, second)
    return len(world.sent(row.to_address))


# As a status wants its row to be, so that nothing but the way there can be refused.
PUT = """
    UPDATE wallet_transactions SET status = %(status)s::text, txid = 'x', token = 'y', evidence = '{"receipt": {}}',
        call_until = CASE WHEN %(status)s::text = 'submitting' THEN now() END,
        finished_at = CASE WHEN %(status)s::text IN ('completed', 'failed') THEN now() END
"""


@pytest.mark.parametrize("start", list(EDGES))
def test_the_database_knows_no_other_edges(world: World, owner: Owner, start: str) -> None:
    queue(make_wallet(world))
    for status in EDGES:
        with owner.transaction(force_rollback=True):
            owner.execute("SET LOCAL session_replication_role = replica")  # there, however one gets there
            owner.execute("UPDATE wallet_transactions SET kind = 'transit'")
            owner.execute(PUT, {"status": start})
            owner.execute("SET LOCAL session_replication_role = origin")
            may = status in EDGES[start] or (status == start and bool(EDGES[start]))
            assert is_refused(owner, status) == (not may), (start, status)


def is_refused(owner: Owner, status: str) -> bool:
    try:
        with owner.transaction():
            owner.execute(PUT, {"status": status})
    except psycopg.errors.RestrictViolation:
        return True
    return False


def test_nobody_changes_what_a_transfer_is_about_or_removes_it(world: World) -> None:
    row = queue(make_wallet(world))
    for statement in (
        "UPDATE wallet_transactions SET amount = 1",
        "UPDATE wallet_transactions SET to_address = '0x' || repeat('a', 40)",
        "DELETE FROM wallet_transactions",
        "UPDATE wallets SET address = '0x' || repeat('a', 40)",
        "DELETE FROM wallets",
    ):
        said = pytest.raises(DatabaseError, match=r"stays as it is|permission denied|written once")
        with said, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert fresh(row).amount == row.amount


def test_a_wallet_has_one_in_flight_whatever_the_code_does(world: World) -> None:
    row = in_review(world)
    other = queue(row.wallet)
    with pytest.raises(IntegrityError), transaction.atomic():
        WalletTransaction.objects.filter(pk=other.pk).update(status="submitting", call_until=world.now())
    assert status_of(other) == "queued"


PLANTED = {
    "W2.mblock": "UPDATE wallet_transactions SET status = 'completed', txid = 'x', finished_at = now(), "
    'evidence = \'{"receipt": {"from": "a", "to": "b", "amount": "1"}}\'',
    "W4.mblock": "DROP INDEX wallet_transactions_one_in_flight; "
    "UPDATE wallet_transactions SET status = 'manual-review'",
    "W6.mblock": "UPDATE wallet_transactions SET status = 'submitting', call_until = '2020-01-01'",
}


@pytest.mark.parametrize("name", list(PLANTED))
def test_each_invariant_sees_what_is_planted(world: World, owner: Owner, name: str) -> None:
    wallet = make_wallet(world)
    rows = [queue(wallet) for _ in range(2 if name == "W4.mblock" else 1)]
    (invariant,) = [each for each in catalogue.entries() if each.id == name]
    assert catalogue.look(invariant).holds
    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute(PLANTED[name])
        query = invariant.query.replace("%(now)s", "now()")
        assert owner.execute(query).fetchall(), rows
