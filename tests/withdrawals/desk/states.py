"""A request in every state, each come there by the product's own operations and the remotes' own answers."""

from typing import Any, Final

from aeghash.core.models import User
from aeghash.core.transactions import opens_one
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, heal, member, staff, work
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.operations.reject_withdrawal import reject_withdrawal

METHOD: Final = "assetWithdrawRequest"


def pending(user: User | None = None, **fields: Any) -> Withdrawal:
    return ask(user or member(), **fields)


def approved_once(user: User | None = None, by: User | None = None, **fields: Any) -> Withdrawal:
    return approved(pending(user, **fields), by or staff())


def retrying(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    """The pool's refusal that may pass."""
    row = approved(pending(user, **fields))
    world.pool.fault("refusal", method=METHOD, times=1)
    work()
    return fresh(row)


def unknown(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    """The answer was lost, and nothing was done: nobody can tell from here."""
    row = approved(pending(user, **fields))
    world.pool.fault("reset", method=METHOD, times=1, executes=False)
    work()
    return fresh(row)


def in_review(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    row = unknown(world, user, **fields)
    for _ in range(30):
        if fresh(row).status == Status.MANUAL_REVIEW:
            break
        world.turn(60)
        reconcile_withdrawals()
    return fresh(row)


def to_be_forwarded(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    row = approved(pending(user, address=ADDRESS, **fields))
    heal(world)
    return fresh(row)


def failed(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    row = approved(pending(user, **fields))
    world.pool.fault("refusal", method=METHOD, times=3)
    for _ in range(3):
        work()
        world.turn(600)
    return fresh(row)


def completed(world: World, user: User | None = None, **fields: Any) -> Withdrawal:
    row = approved(pending(user, **fields))
    heal(world)
    return fresh(row)


def rejected(user: User | None = None, **fields: Any) -> Withdrawal:
    return reject_withdrawal(withdrawal_id=pending(user, **fields).pk, by=staff(), reason="다른 사람의 주소입니다.")


def cancelled(user: User | None = None, **fields: Any) -> Withdrawal:
    row = pending(user, **fields)
    with opens_one():
        return cancel_withdrawal(withdrawal_id=row.pk, reason="taken back")


def approve_as(row: Withdrawal, by: User) -> Withdrawal:
    return approve(withdrawal_id=row.pk, by=by, version=fresh(row).version)
