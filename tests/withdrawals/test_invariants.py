"""Each sentence of the withdrawals', and a corruption that it names: planted past every trigger and check."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.transactions import opens_one
from mining.models import MiningWithdrawal
from tests.database import Owner
from tests.wallets.mblock.world import make_wallet
from tests.wallets.test_invariants import broken_open, found
from tests.withdrawals.world import approved, ask, member, staff
from wallets.models import WalletTransaction
from wallets.operations.hold import hold
from wallets.operations.release import release
from withdrawals.models import Withdrawal, WithdrawalAttempt

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS, LOG = "withdrawal_requests", "withdrawal_audit_logs"
ALL = ("W1", "W2", "W3", "W4", "W5", "W6")


@pytest.fixture
def books(owner: Owner) -> Any:
    """Two requests that are approved, and one that waits; everything holds."""
    with acting_as(command("test")):
        user = member(LTC="100")
        rows = [ask(user, amount=amount, requested_by=staff("operations")) for amount in ("1", "2", "3")]
        for row in rows[:2]:
            approved(row)
        assert [name for name in ALL if found(name)] == []
        owner.execute("SET session_replication_role = replica")
        yield rows


def change(owner: Owner, row: Withdrawal, values: str) -> None:
    owner.execute(f"UPDATE withdrawal_requests SET {values} WHERE id = %s", [row.pk])


@pytest.mark.parametrize("values", ["amount = 9", "fee = 1", "status = 'rejected'", "asset_id = 'DOGE'", "user_id = 0"])
def test_w1_a_hold_that_is_not_what_was_asked(owner: Owner, books: list[Withdrawal], values: str) -> None:
    change(owner, books[2], values)
    assert found("W1") == 1


def test_w1_a_hold_that_was_released_too_early(books: list[Withdrawal]) -> None:
    release(hold=books[0].hold_id or 0, reference="too early")
    assert found("W1") == 1


def test_w1_a_hold_of_no_request(books: list[Withdrawal]) -> None:
    hold(reference="withdrawal:987654321", asset="LTC", amount=Decimal(1), source=books[0].user_id)
    assert found("W1") == 1


def test_w2_submitted_without_a_number(owner: Owner, books: list[Withdrawal]) -> None:
    with broken_open(owner, REQUESTS, "withdrawals_submitted_are_named"):
        change(owner, books[0], "status = 'submitted'")
        assert found("W2") == 1


def test_w2_two_with_one_number(owner: Owner, books: list[Withdrawal]) -> None:
    with broken_open(owner, REQUESTS, "withdrawals_one_per_remote_id"):
        for row in books[:2]:
            change(owner, row, "remote_id = 'same'")
        assert found("W2") == 2


SUBMITTING = "status = 'submitting', lease_until = now() + interval '1 day'"


def test_w3_submitted_without_approvals(owner: Owner, books: list[Withdrawal]) -> None:
    change(owner, books[0], SUBMITTING)
    assert found("W3") == 0
    change(owner, books[2], SUBMITTING)
    assert found("W3") == 1


@pytest.mark.parametrize(
    "values",
    [
        "digest = repeat('f', 64)",
        "round = 2",
        "approver_id = (SELECT user_id FROM withdrawal_requests WHERE id = withdrawal_id)",
        "approver_id = (SELECT requested_by_id FROM withdrawal_requests WHERE id = withdrawal_id)",
    ],
)
def test_w3_approvals_that_do_not_count(owner: Owner, books: list[Withdrawal], values: str) -> None:
    change(owner, books[0], SUBMITTING)
    owner.execute(f"UPDATE withdrawal_approvals SET {values} WHERE stage = 1")
    assert found("W3") == 1


@pytest.mark.parametrize("values", ["amount = 9", "address = 'elsewhere'", "digest = repeat('f', 64)"])
def test_w3_what_was_changed_after_its_approvals(owner: Owner, books: list[Withdrawal], values: str) -> None:
    change(owner, books[0], f"{SUBMITTING}, {values}")
    assert found("W3") == 1


def attempt(row: Withdrawal, number: int = 1) -> WithdrawalAttempt:
    return WithdrawalAttempt.objects.create(withdrawal=row, number=number)


def test_w4_two_open_attempts(owner: Owner, books: list[Withdrawal]) -> None:
    with broken_open(owner, "withdrawal_attempts", "withdrawal_attempts_one_open"):
        attempt(books[0]), attempt(books[0], 2)
        assert found("W4") == 1


def test_w4_two_that_the_pool_can_not_tell_apart(owner: Owner, books: list[Withdrawal]) -> None:
    now = clock.now()
    with broken_open(owner, "mining_withdrawals", "mining_withdrawals_one_open"):
        for row in books[:2]:
            MiningWithdrawal.objects.create(
                reference=attempt(row).reference, coin="LTC", amount=1, mark={}, marked_at=now, deadline=now
            )
        assert found("W4") == 1


def test_w4_two_out_of_one_wallet(owner: Owner, books: list[Withdrawal]) -> None:
    wallets = [make_wallet() for _ in "ab"]
    with broken_open(owner, "wallet_transactions", "wallet_transactions_one_in_flight"):
        for row, wallet in zip(books, wallets, strict=False):
            WalletTransaction.objects.create(
                kind="transfer", origin="payout", status="submitting", wallet=wallet, asset_id="USDT",
                to_address="0x" + "1" * 40, amount=1, reference=f"payout:{attempt(row).reference}", attempts=1,
                call_until=clock.now() + timedelta(days=1),
            )  # fmt: skip
        assert found("W4") == 0
        owner.execute("UPDATE wallet_transactions SET wallet_id = %s", [wallets[0].pk])
        assert found("W4") == 1


def test_w5_a_status_without_its_line(owner: Owner, books: list[Withdrawal]) -> None:
    change(owner, books[2], "status = 'approved_pending'")
    assert found("W5") == 1


def test_w5_a_line_that_is_gone(owner: Owner, books: list[Withdrawal]) -> None:
    owner.execute("DELETE FROM withdrawal_audit_logs WHERE withdrawal_id = %s", [books[2].pk])
    assert found("W5") == 1


def test_w5_a_step_that_was_left_out(owner: Owner, books: list[Withdrawal]) -> None:
    owner.execute(
        "DELETE FROM withdrawal_audit_logs WHERE withdrawal_id = %s AND action = 'approved_stage1'", [books[0].pk]
    )
    assert found("W5") == 1, "the chain is torn there; in one-step mode the step itself would be legal"
    change(owner, books[2], "status = 'completed', remote_id = 'x'")
    owner.execute("UPDATE withdrawal_audit_logs SET status = 'completed' WHERE withdrawal_id = %s", [books[2].pk])
    assert found("W5") > 2


def test_w5_a_line_that_was_rewritten(owner: Owner, books: list[Withdrawal]) -> None:
    owner.execute(
        "UPDATE withdrawal_audit_logs SET reason = 'nothing' WHERE withdrawal_id = %s AND action = 'approved'",
        [books[1].pk],
    )
    assert found("W5") == 1


def test_w6_a_claim_that_nobody_gave_up(owner: Owner, books: list[Withdrawal]) -> None:
    change(owner, books[0], "status = 'submitting', lease_until = now() - interval '3 minutes'")
    assert found("W6") == 1


def test_w6_an_unknown_outcome_that_nobody_was_told_of(owner: Owner, books: list[Withdrawal]) -> None:
    """An alert about an earlier time doesn't count."""
    with clock.steered(lambda: clock._system() - timedelta(hours=1)):
        tell(books[0])
    change(owner, books[0], "status = 'unknown', moved_at = now() - interval '16 minutes'")
    assert found("W6") == 1
    tell(books[0])
    assert found("W6") == 0


def tell(row: Withdrawal) -> None:
    with opens_one():
        raise_alert(key=f"withdrawal-unknown:{row.pk}", severity=Severity.WARNING, sentence="unknown")
