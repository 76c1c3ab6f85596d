"""What raw SQL can't do to a request, not even with the application's own rights."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.database import Owner
from tests.withdrawals.world import World, approved, ask, fresh, member, staff
from withdrawals.models import EDGES, Approval, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve


def refused(statement: str, *values: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_edges_of_the_database_are_those_of_the_code(owner: Owner) -> None:
    (source,) = owner.execute("SELECT prosrc FROM pg_proc WHERE proname = 'withdrawals_legal_step'").fetchone() or ("",)
    in_the_database = set(re.findall(r"'([a-z_-]+)>([a-z_-]+)'", source))
    assert in_the_database == {(before.value, after.value) for before, afters in EDGES.items() for after in afters}
    assert set(EDGES) == set(Status)


@pytest.mark.parametrize("status", sorted({*Status} - {Status.PENDING, *EDGES[Status.PENDING]}))
def test_a_status_out_of_order_is_refused(world: World, status: Status) -> None:
    withdrawal = ask(member())
    refused(
        "UPDATE withdrawal_requests SET status = %s, version = version + 1, remote_id = 'x', lease_until = now() "
        "WHERE id = %s",
        status,
        withdrawal.pk,
    )
    assert fresh(withdrawal).status == Status.PENDING


def test_approved_without_approvals_is_refused(world: World) -> None:
    withdrawal = ask(member())
    for status in ("approved_pending", "approved"):
        refused(
            "UPDATE withdrawal_requests SET status = %s, version = version + 1 WHERE id = %s", status, withdrawal.pk
        )
    approve(withdrawal_id=withdrawal.pk, by=staff(), version=1)
    refused("UPDATE withdrawal_requests SET status = 'approved', version = version + 1 WHERE id = %s", withdrawal.pk)
    assert fresh(withdrawal).status == Status.APPROVED_PENDING


def test_a_step_without_a_new_version_is_refused(world: World) -> None:
    withdrawal = ask(member())
    refused("UPDATE withdrawal_requests SET status = 'rejected' WHERE id = %s", withdrawal.pk)


@pytest.mark.parametrize(
    "change",
    [
        "amount = 9", "fee = 1", "address = '0x'", "channel = 'mblock', address = '0x'", "asset_id = 'DOGE'",
        "user_id = (SELECT max(id) FROM users)", "approvals_needed = 1", "hold_id = NULL", "requested_by_id = NULL",
        "digest = ''", "requested_at = now()", "findings = '[1]'", "round = 0",
    ],
)  # fmt: skip
def test_what_was_asked_for_does_not_change_after_an_approval(world: World, change: str) -> None:
    withdrawal = approved(ask(member(), requested_by=staff("operations")), staff())
    refused(f"UPDATE withdrawal_requests SET {change} WHERE id = %s", withdrawal.pk)
    assert fresh(withdrawal).dict() == withdrawal.dict()


def test_its_number_at_the_remote_is_written_once(world: World) -> None:
    withdrawal = ask(member())
    Withdrawal.objects.filter(pk=withdrawal.pk).update(remote_id="one")
    refused("UPDATE withdrawal_requests SET remote_id = 'two' WHERE id = %s", withdrawal.pk)
    refused("UPDATE withdrawal_requests SET remote_id = NULL WHERE id = %s", withdrawal.pk)


def test_nobody_begins_further_on_or_deletes(world: World) -> None:
    withdrawal = ask(member())
    with pytest.raises(DatabaseError), transaction.atomic():
        Withdrawal.objects.create(**{**copied(withdrawal), "status": Status.APPROVED})
    for statement in ("DELETE FROM withdrawal_requests", "TRUNCATE withdrawal_requests CASCADE"):
        refused(statement)
    assert Withdrawal.objects.count() == 1


def copied(withdrawal: Withdrawal) -> dict[str, Any]:
    left_out = ("id", "hold_id", "digest")
    return {name: value for name, value in withdrawal.dict().items() if name not in left_out}


def approval(withdrawal: Withdrawal, approver: int, **changed: Any) -> Approval:
    given = {"round": 1, "stage": 1, "version": withdrawal.version, "digest": withdrawal.digest}
    return Approval(
        withdrawal=withdrawal, approver_id=approver, expires_at=withdrawal.requested_at, **{**given, **changed}
    )


def test_an_approval_by_the_requester_or_of_something_else_is_refused(world: World) -> None:
    clerk, other = staff("operations"), staff()
    withdrawal = ask(member(), requested_by=clerk)
    wrong = [
        approval(withdrawal, clerk.pk),
        approval(withdrawal, withdrawal.user_id),
        approval(withdrawal, other.pk, version=2),
        approval(withdrawal, other.pk, digest="f" * 64),
        approval(withdrawal, other.pk, stage=3),
    ]
    for row in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save(force_insert=True)
    approve(withdrawal_id=withdrawal.pk, by=other, version=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        approval(fresh(withdrawal), other.pk, stage=2).save(force_insert=True)
    assert Approval.objects.count() == 1


@pytest.mark.parametrize("table", ["withdrawal_approvals", "withdrawal_audit_logs"])
def test_approvals_and_steps_are_never_changed(world: World, table: str) -> None:
    approved(ask(member()))
    column = "notes" if table == "withdrawal_approvals" else "reason"
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        refused(statement)


def test_the_rules_of_payout_can_only_be_changed_not_made_or_taken_away(world: World) -> None:
    refused("DELETE FROM withdrawal_policies")
    refused("DELETE FROM withdrawal_submission_lock")
