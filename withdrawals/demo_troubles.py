"""What goes wrong in the demo: told by the product's own operations, at the times at which it would have happened."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.checkpoints import hooked
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.payouts import NotSent
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.approve_withdrawal import SUBMIT
from withdrawals.operations.expire_approvals import expire_approvals
from withdrawals.operations.give_up_overdue_claims import give_up_overdue_claims
from withdrawals.operations.note_outcome import note_outcome
from withdrawals.operations.reconcile_withdrawal import reconcile_withdrawal
from withdrawals.operations.resolve_withdrawal import RELEASE, propose_resolution
from withdrawals.operations.submit_withdrawal import submit_withdrawal

# How long ago it began: approvals expire after a day, a claim is given up after two minutes and looked at by people some
# minutes later.
AGO: Final = {
    "expired": timedelta(hours=25),
    "review": timedelta(minutes=40),
    "failed": timedelta(hours=3),
    "unknown": timedelta(minutes=3),
    "retrying": timedelta(0),
}
BROKEN_OFF: Final = ("review", "failed", "unknown", "retrying")
APPROVALS: Final = {"expired": 1, "review": 2, "failed": 2, "unknown": 2, "retrying": 2}


class WorkerDied(Exception):
    """Between its claim and its call, as when a server loses its power."""


@contextmanager
def then(goes: str) -> Iterator[None]:
    """At the time it began; all else happens now."""
    if goes not in AGO:
        yield
        return
    begun = clock.now() - AGO[goes]
    with clock.steered(lambda: begun):
        yield


def break_off(row: Withdrawal, goes: str) -> None:
    """A worker claims it and dies. Of a retry it lives just long enough to say that nothing was sent."""
    job = Job.objects.filter(kind=SUBMIT, key=f"withdrawal:{row.pk}", state=JobState.QUEUED).first()
    lease = claim_job(job_id=job.pk) if job else None
    if lease is None:
        return
    with hooked(die_once_claimed), suppress(WorkerDied):
        submit_withdrawal(lease=lease, withdrawal_id=row.pk)
    if goes == "retrying":
        note_outcome(withdrawal_id=row.pk, number=1, outcome=NotSent("connection refused"))


def die_once_claimed(checkpoint: str) -> None:
    if checkpoint == "withdrawal: claimed":
        raise WorkerDied


def settle(stories: dict[int, str], people: list[User]) -> None:
    """What happened by itself since, and what two people decided."""
    expire_approvals()
    give_up_overdue_claims()
    for number, goes in stories.items():
        if goes in ("review", "failed"):
            row = reconcile_withdrawal(withdrawal_id=number)
            if goes == "failed" and row.status == Status.MANUAL_REVIEW:
                release(row, people)


def release(row: Withdrawal, people: list[User]) -> None:
    proposal = propose_resolution(
        withdrawal_id=row.pk, resolution=RELEASE, by=people[0], reason="The pool's history shows no payout of it."
    )
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=people[1])
