"""A withdrawal from its request over two approvals to its submission, against its four transactions alone.

The remote answers at once: what it takes is its own time. All else is the product's: risk, limits, rights, re-checks, the
chained log, the audit trail, the durable job, the attempt beside the call.
"""

import itertools
from decimal import Decimal
from functools import cache, partial
from typing import Final

from django.contrib.auth.models import Group

from aeghash.core.actors import acting_as, job
from aeghash.core.models import User
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.payouts import Accepted, Attempt, Evidence, Finding, NothingYet, Outcome, Payment
from aeghash.core.transactions import opens_one
from bench.crew import crew
from bench.ledger_postings import pgbench
from bench.measure import Row, compare
from wallets.models import Asset, Entry, SystemAccount
from wallets.operations.post_many import post_many
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve
from withdrawals.operations.request_withdrawal import request_withdrawal
from withdrawals.queries.channels import CHANNELS

MEMBERS: Final = 2_000
ONE: Final = Decimal("0.01")
TURN: Final = itertools.count()

# The rows that must be there in the end, and nothing besides: no log, no audit trail, no check before the claim.
ALONE: Final = (
    r"""\set member random({first}, {last})
BEGIN;
SELECT withdrawals_next_id() AS id \gset
SELECT id AS hold FROM ledger_put('hold', ROW('withdrawal:' || :id, 'LTC', '0.01'::numeric, :member::bigint, NULL,
NULL::bigint, 'payouts')::transfer_entry, ROW(now()::timestamptz, 'job', 'bench', '', '', '')::posting_actor) \gset
INSERT INTO withdrawal_requests (id, created_at, updated_at, user_id, asset_id, amount, fee, channel, digest, status,
version, approvals_needed, round, reason, is_flagged, findings, hold_id, source, reference_id, device_id, attempts,
forwarding_txid, requested_at, moved_at) VALUES (:id, now(), now(), :member, 'LTC', 0.01, 0, 'hashdam', '', 'pending', 1,
2, 1, '', false, '[]', :hold, 'bench', '', '', 0, '', now(), now());
COMMIT;
"""
    + "".join(
        rf"""BEGIN;
SELECT id FROM withdrawal_requests WHERE id = :id FOR NO KEY UPDATE;
INSERT INTO withdrawal_approvals (withdrawal_id, round, stage, approver_id, version, digest, notes, approved_at, expires_at)
SELECT id, 1, {stage}, APPROVER{stage}, version, digest, '', now(), now() + interval '1 day' FROM withdrawal_requests
WHERE id = :id;
UPDATE withdrawal_requests SET status = '{status}', version = version + 1, moved_at = now() WHERE id = :id;
COMMIT;
"""
        for stage, status in ((1, "approved_pending"), (2, "approved"))
    )
    + r"""BEGIN;
UPDATE withdrawal_requests SET status = 'submitting', version = version + 1, lease_until = now() WHERE id = :id;
UPDATE withdrawal_requests SET status = 'submitted', version = version + 1, remote_id = 'alone-' || :id WHERE id = :id;
COMMIT;
"""
)


class AtOnce:
    name = "hashdam"

    def prepare(self, _payment: Payment) -> Evidence:
        return {}

    def begin(self, _attempt: Attempt) -> None: ...

    def submit(self, attempt: Attempt) -> Outcome:
        return Accepted(attempt.payment.reference)

    def look(self, _attempt: Attempt, _remote_id: str = "") -> Finding:
        return NothingYet("never asked here")

    def prove(self, attempt: Attempt, _remote_id: str) -> Finding:
        return self.look(attempt)

    def abandon(self, _attempt: Attempt) -> None: ...


def run() -> list[Row]:
    with acting_as(job("bench")):
        members, people = make_members(), make_people()
    script = ALONE.replace("APPROVER1", str(people[0])).replace("APPROVER2", str(people[1]))
    with crew(1) as one:
        row = compare(
            ("withdrawal: request, two approvals, submitted", lambda: one.rate(partial(pay, members, people))),
            ("its four transactions alone in pgbench", lambda: pgbench(members, script)),
            at_least=0.25,
        )
    ours = Withdrawal.objects.filter(source="bench").exclude(log=None)
    assert not ours.exclude(status=Status.SUBMITTED).exists()
    return [row]


def pay(members: list[int], people: list[int], _worker: int) -> None:
    """Whoever calls knows the asset and who it is: a session or a signature has told."""
    CHANNELS["hashdam"] = AtOnce()
    with acting_as(job("bench")), opens_one():
        withdrawal = request_withdrawal(
            user=user_with(members[next(TURN) % MEMBERS]), asset=litecoin(), amount=ONE, source="bench"
        )
    for version, person in enumerate(people, 1):
        approve(withdrawal_id=withdrawal.pk, by=user_with(person), version=version)
    work_due_jobs(until=lambda done: done >= 1)


@cache
def user_with(number: int) -> User:
    return User.objects.get(pk=number)


@cache
def litecoin() -> Asset:
    return Asset.objects.get(pk="LTC")


def make_members() -> list[int]:
    users = User.objects.bulk_create([User(email=f"w{n}@bench.example", uid=f"W-{n}") for n in range(MEMBERS)])
    start = [Entry(f"start-w-{user.pk}", "LTC", Decimal(1000), SystemAccount.ISSUANCE, user.pk) for user in users]
    post_many(entries=start, batch="start-w")
    return [user.pk for user in users]


def make_people() -> list[int]:
    people = [User.objects.create_user(f"approver{n}@bench.example", is_admin=True) for n in range(2)]
    for person in people:
        person.groups.set(Group.objects.filter(name="finance"))
    return [person.pk for person in people]
