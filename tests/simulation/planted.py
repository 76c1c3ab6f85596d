"""Mistakes that a payout system can make, each patched into the real code, for the simulation to find."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.db import transaction
from psycopg import sql

import partners.operations.answer_once as answering
import wallets.operations.call_mblock as calling
import withdrawals.operations.note_outcome as noting
import withdrawals.operations.submit_withdrawal as submitting
from aeghash.core import clock, jobs, transactions
from aeghash.core.actors import acting_as, command
from aeghash.core.operations import claim_job as claiming
from aeghash.core.payouts import Attempt, NotSent, Outcome, Unknown
from aeghash.simulation import services, stage
from bonus.models import Closing
from bonus.operations import run_closing as closing
from mining.channels import hashdam
from mining.clients.hashdam import histories, request_withdrawal
from mining.operations import reconcile_payouts
from organization.operations.record_order import record_order
from partners.models import RecordState
from partners.operations import take_order as ordering
from wallets.clients.mblock.meaning import meaning_of
from wallets.models import TransactionStatus, WalletTransaction
from wallets.operations import take_callback
from wallets.operations.walk_transaction import locked, walk
from withdrawals import tasks
from withdrawals.models import Status
from withdrawals.operations import reconcile_withdrawals
from withdrawals.operations.fail_withdrawal import fail_withdrawal
from withdrawals.operations.step import lock_withdrawal

Patch = tuple[Any, str, Any]


def _certain(outcome: Outcome) -> Outcome:
    return NotSent(outcome.reason) if isinstance(outcome, Unknown) else outcome


def retry_on_timeout() -> list[Patch]:
    """What may have been paid is taken for unpaid, and asked for again."""
    pool, chain = request_withdrawal, meaning_of
    return [
        (hashdam, "request_withdrawal", lambda *given, **named: _certain(pool(*given, **named))),
        (calling, "meaning_of", lambda *given, **named: _certain(chain(*given, **named))),
    ]


def call_inside_a_transaction() -> list[Patch]:
    """Whoever dies after the call takes the claim along, as if nobody had called."""
    submit = submitting.submit_withdrawal

    @contextmanager
    def nested(self: Any) -> Iterator[None]:
        self._must(jobs.HOLD)
        yield

    def in_one_transaction(**named: Any) -> None:
        with transaction.atomic():
            submit(**named)

    return [
        (transactions, "_check", lambda *_given: None),
        (jobs.Lease, "transaction", nested),
        (jobs.Lease, "last_transaction", nested),
        (tasks, "submit_withdrawal", in_one_transaction),
    ]


def claim_without_condition() -> list[Patch]:
    """Two workers with one message both call."""
    claim = submitting._claim
    this = claiming.CLAIM_THIS.replace("AND found.state = 'queued' AND found.due_at <= %(now)s", "")

    def again(withdrawal_id: int, attempt: Attempt) -> Attempt | None:
        withdrawal = lock_withdrawal(withdrawal_id)
        if withdrawal.status == Status.SUBMITTING:
            same = f"withdrawal:{withdrawal.pk}:{withdrawal.attempts}"
            return dataclasses.replace(attempt, payment=dataclasses.replace(attempt.payment, reference=same))
        return claim(withdrawal_id, attempt)

    return [
        (claiming, "CLAIM_THIS", this.replace(" SKIP LOCKED", "")),
        (submitting, "TO_BE_SUBMITTED", (*submitting.TO_BE_SUBMITTED, Status.SUBMITTING)),
        (submitting, "_claim", again),
        (submitting, "_may_still_call", lambda *_given: True),
        (hashdam, "_claim", lambda _row: True),
        (calling, "_set_mark", lambda _row: None),
    ]


def release_before_proof() -> list[Patch]:
    return [(noting, "doubt", fail_withdrawal)]


def approval_not_looked_at_again() -> list[Patch]:
    return [(submitting, "why_not_any_more", lambda *_given: "")]


def callback_believed() -> list[Patch]:
    take = take_callback.take_callback

    def believing(*, secret: str, body: bytes) -> None:
        take(secret=secret, body=body)
        claim = take_callback._claim_in(body)
        waiting = TransactionStatus.PENDING_TRANSIT
        row = WalletTransaction.objects.filter(token=claim["token"], status=waiting).first() if claim else None
        if claim and claim["txid"] and row is not None:
            with acting_as(command("callback")), transaction.atomic():
                receipt = {"from": row.wallet.address, "to": row.to_address, "amount": str(row.amount)}
                walk(locked(row.pk), TransactionStatus.COMPLETED, txid=claim["txid"], evidence={"receipt": receipt})

    from wallets.api import callback

    return [(callback, "take_callback", believing)]


def on_commit_as_the_only_trigger() -> list[Patch]:
    """Whoever isn't told never finds out."""
    return [(services, "work_due_jobs", lambda **_named: 0), (reconcile_withdrawals, "wake_withdrawals", lambda: 0)]


def lease_ignored() -> list[Patch]:
    """A worker that wakes after ten minutes goes on as if it were still its turn."""

    def whenever(row: Any) -> bool:
        return bool(type(row).objects.filter(pk=row.pk, called_at__isnull=True).update(called_at=clock.now()))

    return [
        (submitting, "_may_still_call", lambda *_given: True),
        (hashdam, "_claim", whenever),
        (calling, "_set_mark", lambda row: type(row).objects.filter(pk=row.pk).update(mark=row.mark)),
    ]


def second_page_ignored() -> list[Patch]:
    def first_only(pages: dict[int, Any]) -> Any:
        return histories.Reading(pages[1].rows, pages[1].bad) if 1 in pages else None

    return [(histories, "_joined", first_only), (histories, "_numbers", lambda _pages: range(1, 2))]


def orphan_not_alarmed() -> list[Patch]:
    return [(reconcile_payouts, "watch_orphans", lambda: 0)]


def closing_without_its_lock() -> list[Patch]:
    return [(closing, "_locked", lambda pk: Closing.objects.get(pk=pk))]


def bonus_without_its_key() -> list[Patch]:
    """An order that comes again is shared out again. Its keys are taken away as well: see `without_keys`."""

    def always_new(**named: Any) -> tuple[Any, bool]:
        return record_order(**named)[0], True

    return [(ordering, "record_order", always_new)]


def idempotency_in_another_transaction() -> list[Patch]:
    """The work is committed; that it was done, a moment later."""

    def apart(asked: Any, values: Any) -> Any:
        with transactions.opens_one():
            known, reply = answering._look(asked)
            if reply is not None or (known is not None and known.fingerprint != asked.fingerprint):
                return reply
            with answering._refusals_of(asked):
                answer = asked.inbound.work(asked.context(), **values)
        reply = answering._reply(asked, answer)
        with transactions.opens_one():
            kept = RecordState.REFUSED if answer.refusal else RecordState.SUCCEEDED
            answering._keep(asked, known, kept, reply, answer.resource)
        return reply

    return [(answering, "_work", apart)]


BUGS: Final[dict[str, tuple[Callable[[], list[Patch]], set[str]]]] = {
    "retry on time-out": (retry_on_timeout, {"S2"}),
    "call inside a transaction": (call_inside_a_transaction, {"S1", "S2", "R1"}),
    "claim without condition": (claim_without_condition, {"S2"}),
    "release before proof": (release_before_proof, {"S2"}),
    "approval not re-checked at the claim": (approval_not_looked_at_again, {"S4"}),
    "callback believed": (callback_believed, {"S6"}),
    "on-commit as the only trigger": (on_commit_as_the_only_trigger, {"S3"}),
    "lease ignored": (lease_ignored, {"S1", "S2"}),
    "history's second page ignored": (second_page_ignored, {"S3"}),
    "orphan not alarmed": (orphan_not_alarmed, {"R1"}),
    "closing without the period lock": (closing_without_its_lock, {"B2", "B3"}),
    "bonus entry without its unique key": (bonus_without_its_key, {"B1", "B2"}),
    "idempotency in another transaction": (idempotency_in_another_transaction, {"S5"}),
}
KEYS: Final = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype IN ('u', 'p') AND conrelid = ANY(%(tables)s::regclass[])
       OR contype = 'f' AND confrelid = ANY(%(tables)s::regclass[])
    ORDER BY contype <> 'f', oid
"""
KEYED: Final = ("bonus_allocations", "bonus_entries", "bonus_pool_shares", "bonus_unallocated")


@contextmanager
def planted(name: str) -> Iterator[None]:
    patches, _found_by = BUGS[name]
    with ExitStack() as stack:
        if name == "bonus entry without its unique key":
            stack.enter_context(without_keys())
        for holder, attribute, value in patches():
            stack.callback(setattr, holder, attribute, getattr(holder, attribute))
            setattr(holder, attribute, value)
        yield


@contextmanager
def without_keys() -> Iterator[None]:
    """Of the tables that hold what orders come to; and without what refers to them by these keys."""
    with stage.owner() as owner:
        keys = owner.execute(KEYS, {"tables": list(KEYED)}).fetchall()
        for table, key, _definition in keys:
            owner.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(key))
            )
    try:
        yield
    finally:
        stage.reset()
        with stage.owner() as owner:
            for table, key, definition in reversed(keys):
                add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
                owner.execute(add.format(sql.Identifier(table), sql.Identifier(key), sql.SQL(definition)))
