"""HashDam as a channel of payouts: coins leave for the company's own account at the exchange.

Each attempt is a row of `mining_withdrawals`, written in `begin` with the history's mark, before any socket opens. The
row's own columns say whether it may still be called: `called_at` is set by one conditional UPDATE right before the call,
and only before the deadline, so a message delivered twice, or a worker that wakes too late, doesn't call.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.egress import EgressFailure
from aeghash.core.payouts import (
    Accepted,
    Ambiguous,
    Attempt,
    Evidence,
    Failed,
    Finding,
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
from aeghash.core.queries import kill_switch
from aeghash.core.transactions import must_have_none, needs_one
from mining.channels.matching import Candidates, candidates, evidence_of
from mining.clients.hashdam import (
    IncompleteReading,
    Remark,
    Unreadable,
    WithdrawalRow,
    read_history,
    request_withdrawal,
)
from mining.models import OPEN, MiningWithdrawal, Owner, PoolWithdrawal, Status
from mining.models.histories import SKEW

CALL_SECONDS: Final = 10.0
# Between the claim and the end of the call. Whoever sleeps longer doesn't call any more.
PATIENCE: Final = timedelta(seconds=60)
HEALING: Final = timedelta(seconds=60)
UNREAD: Final = (EgressFailure, IncompleteReading, Remark, Unreadable)
ENDS: Final = {"completed": Status.COMPLETED, "failed": Status.FAILED, "canceled": Status.FAILED}
NOT_OURS: Final = "the row of that id is not this payout"
STATUS_OF: Final = {
    Accepted: Status.SUBMITTED,
    NotSent: Status.NOT_SENT,
    Refused: Status.REFUSED,
    Unknown: Status.UNKNOWN,
}


class HashDamChannel:
    name = "hashdam"

    @must_have_none()
    def prepare(self, payment: Payment) -> Evidence:
        """The ids of rows that look like the payment already: none of them can be it."""
        if PoolWithdrawal.objects.orphans().exists():
            raise NotReady("orphan")
        now = clock.now()
        try:
            rows = _history(payment.asset, now)
        except UNREAD as failure:
            raise NotReady(f"the history can't be read: {failure}") from None
        known = sorted(row.remote_id for row in rows if row.is_of(payment.amount))
        return {"known": known, "at": now.isoformat(), "deadline": (now + PATIENCE).isoformat()}

    @needs_one()
    def begin(self, attempt: Attempt) -> None:
        """Refuses a second attempt whose row nobody could tell from an open one's, and any while there is an orphan."""
        payment = attempt.payment
        if PoolWithdrawal.objects.orphans().exists():
            raise NotReady("orphan")
        row = MiningWithdrawal(
            reference=payment.reference,
            coin=payment.asset,
            amount=payment.amount,
            mark={"known": attempt.mark["known"]},
            marked_at=datetime.fromisoformat(attempt.mark["at"]),
            deadline=datetime.fromisoformat(attempt.mark["deadline"]),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise NotReady("another attempt of this coin and amount is open") from None
        checkpoint("hashdam: attempt written")

    @must_have_none()
    def submit(self, attempt: Attempt) -> Outcome:
        row = MiningWithdrawal.objects.get(reference=attempt.payment.reference)
        begun = clock.monotonic()
        if kill_switch.is_on():
            return self._not_called(row, "kill switch")
        checkpoint("hashdam: before the claim")
        if not _claim(row):
            return self._not_called(row, "too late")
        checkpoint("hashdam: before the call")
        seconds = min(CALL_SECONDS, PATIENCE.total_seconds() - (clock.monotonic() - begun))
        outcome = request_withdrawal(row.coin, row.amount, deadline=seconds) if seconds > 0 else NotSent("too late")
        checkpoint("hashdam: after the call")
        return _keep(row, outcome)

    @must_have_none()
    def look(self, attempt: Attempt, remote_id: str = "") -> Finding:
        row = MiningWithdrawal.objects.get(reference=attempt.payment.reference)
        if row.status in (Status.NOT_SENT, Status.REFUSED, Status.RELEASED):
            return NothingYet(f"it was {row.status}")
        try:
            rows = _history(row.coin, row.marked_at)
        except UNREAD as failure:
            return _give_up(row, f"the history can't be read: {failure}")
        named = remote_id or row.remote_id
        return _follow(row, rows, named) if named else _search(row, rows)

    @must_have_none()
    def prove(self, attempt: Attempt, remote_id: str) -> Finding:
        row = MiningWithdrawal.objects.get(reference=attempt.payment.reference)
        try:
            rows = _history(row.coin, row.marked_at)
        except UNREAD as failure:
            return NothingYet(f"the history can't be read: {failure}")
        found = _row_named(rows, remote_id)
        if found is None:
            return NothingYet("not listed")
        return _shown(found) if _is_ours(row, found) else Ambiguous(NOT_OURS, {"row": evidence_of(found)})

    @needs_one()
    def abandon(self, attempt: Attempt) -> None:
        """A row that turns up later is an orphan. One that the reconciler of the mining app has bound was sent."""
        row = MiningWithdrawal.objects.select_for_update(no_key=True).get(reference=attempt.payment.reference)
        if row.status in (Status.SUBMITTED, Status.COMPLETED):
            raise NotReady(f"the pool has it as {row.remote_id}")
        if row.status in OPEN:
            _update(row, status=Status.RELEASED, settled_at=clock.now())

    def _not_called(self, row: MiningWithdrawal, reason: str) -> Outcome:
        """Not by us, and by nobody any more: unless somebody else has called, whose outcome this then is."""
        closed = MiningWithdrawal.objects.filter(pk=row.pk, status=Status.SUBMITTING, called_at__isnull=True).update(
            status=Status.NOT_SENT, reason=reason, settled_at=clock.now()
        )
        return NotSent(reason) if closed else _stored_outcome(MiningWithdrawal.objects.get(pk=row.pk))


def attempt_of(row: MiningWithdrawal) -> Attempt:
    """As `begin` was given it."""
    mark = {**row.mark, "at": row.marked_at.isoformat(), "deadline": row.deadline.isoformat()}
    return Attempt(payment=Payment(reference=row.reference, asset=row.coin, amount=row.amount), mark=mark)


def _history(coin: str, since: datetime) -> list[WithdrawalRow]:
    start = (since - SKEW).date()
    reading = read_history(WithdrawalRow, coin=coin, startDate=start)
    if reading.bad:
        raise IncompleteReading("rows that can't be believed")
    return [row for row in reading.rows if row.coin == coin]


def _claim(row: MiningWithdrawal) -> bool:
    now = clock.now()
    mine = MiningWithdrawal.objects.filter(
        pk=row.pk, status=Status.SUBMITTING, called_at__isnull=True, deadline__gt=now + timedelta(seconds=CALL_SECONDS)
    )
    return bool(mine.update(called_at=now))


def _stored_outcome(row: MiningWithdrawal) -> Outcome:
    match Status(row.status):
        case Status.SUBMITTED | Status.COMPLETED | Status.FAILED:
            assert row.remote_id, "the database's check"
            return Accepted(row.remote_id)
        case Status.NOT_SENT:
            return NotSent(row.reason)
        case Status.REFUSED:
            return Refused(row.reason, passing=False)
    return Unknown("another delivery has called")


def _keep(row: MiningWithdrawal, outcome: Outcome) -> Outcome:
    """An id that another request has, or that stood in the history before, is no acceptance: then nobody knows what
    happened.
    """
    if isinstance(outcome, Accepted) and _was_there_before(row, outcome.remote_id):
        outcome = Unknown("an id that was there before")
    try:
        with transaction.atomic():
            _write_outcome(row, outcome)
    except IntegrityError:
        outcome = Unknown("an id that another request has")
        with transaction.atomic():
            _write_outcome(row, outcome)
    checkpoint("hashdam: outcome stored")
    return outcome


def _was_there_before(row: MiningWithdrawal, remote_id: str) -> bool:
    older = PoolWithdrawal.objects.filter(remote_id=remote_id, made_at__lt=row.marked_at - SKEW)
    return remote_id in row.mark["known"] or older.exists()


def _write_outcome(row: MiningWithdrawal, outcome: Outcome) -> None:
    values: dict[str, Any] = {"status": STATUS_OF[type(outcome)]}
    if isinstance(outcome, Accepted):
        values["remote_id"] = outcome.remote_id
    else:
        values["reason"] = outcome.reason[:500]
    if isinstance(outcome, NotSent | Refused):
        values["settled_at"] = clock.now()
    # The reconciler may have found it meanwhile: what it wrote rests on proof.
    MiningWithdrawal.objects.filter(pk=row.pk, status=Status.SUBMITTING).update(**values)


def _follow(row: MiningWithdrawal, rows: list[WithdrawalRow], remote_id: str) -> Finding:
    """The row of that id: as far as it has come, if it is ours in every particular."""
    found = _row_named(rows, remote_id)
    if found is None:
        return NothingYet("not listed yet")
    if not _is_ours(row, found):
        return _to_people(row, NOT_OURS, {"row": evidence_of(found)})
    return _bind(row, found)


def _row_named(rows: list[WithdrawalRow], remote_id: str) -> WithdrawalRow | None:
    return next((remote for remote in rows if remote.remote_id == remote_id), None)


def _is_ours(row: MiningWithdrawal, found: WithdrawalRow) -> bool:
    is_anothers = MiningWithdrawal.objects.filter(remote_id=found.remote_id).exclude(pk=row.pk).exists()
    return found.is_of(row.amount) and found.remote_id not in row.mark["known"] and not is_anothers


def _search(row: MiningWithdrawal, rows: list[WithdrawalRow]) -> Finding:
    found = candidates(
        rows,
        fits=lambda remote: remote.is_of(row.amount),
        known=row.mark["known"],
        taken=_taken(row),
        since=row.marked_at,
    )
    if len(found.matching) > 1 or any(_is_also_anothers(row, remote) for remote in found.matching):
        rows_seen = [evidence_of(remote) for remote in found.matching]
        return _to_people(row, "rows that cannot be told apart", {"rows": rows_seen})
    if found.matching:
        return _bind(row, found.matching[0])
    return _absent(row, found)


def _taken(row: MiningWithdrawal) -> set[str]:
    others = MiningWithdrawal.objects.filter(coin=row.coin, remote_id__isnull=False, deadline__gte=row.marked_at - SKEW)
    external = PoolWithdrawal.objects.filter(
        Q(owner=Owner.EXTERNAL) | Q(owner=Owner.OURS), coin=row.coin, made_at__gte=row.marked_at - SKEW
    )
    return {str(taken) for taken in others.exclude(pk=row.pk).values_list("remote_id", flat=True)} | set(
        external.values_list("remote_id", flat=True)
    )


def _is_also_anothers(row: MiningWithdrawal, remote: WithdrawalRow) -> bool:
    """Of an open attempt with another amount: 10 with a fee of 1 on top, and 11 with the fee within."""
    others = MiningWithdrawal.objects.filter(coin=row.coin, status__in=OPEN, marked_at__lte=remote.created_at + SKEW)
    return any(remote.is_of(amount) for amount in others.exclude(pk=row.pk).values_list("amount", flat=True))


def _absent(row: MiningWithdrawal, found: Candidates[WithdrawalRow]) -> Finding:
    """Two whole and equal readings after the deadline, far enough apart, make absence likely: people decide the rest."""
    now, apart = clock.now(), timedelta(seconds=settings.HASHDAM_LISTING_DELAY_SECONDS)
    if now < row.deadline:
        return NothingYet("the call may still be under way")
    if row.reading.get("nobodys") != list(found.nobodys):
        _update(row, reading={"nobodys": list(found.nobodys), "at": now.isoformat()})
        return NothingYet("not listed")
    if now - datetime.fromisoformat(row.reading["at"]) < apart:
        return NothingYet("not listed")
    return _to_people(row, "absent", {"readings": [row.reading["at"], now.isoformat()], "nobodys": list(found.nobodys)})


def _give_up(row: MiningWithdrawal, reason: str) -> Finding:
    """A history that stays unreadable must not leave an unknown payout unnoticed."""
    latest = row.deadline + timedelta(seconds=2 * settings.HASHDAM_LISTING_DELAY_SECONDS) + HEALING
    if row.remote_id is None and clock.now() >= latest:
        return _to_people(row, reason, {})
    return NothingYet(reason)


def _to_people(row: MiningWithdrawal, reason: str, evidence: dict[str, Any]) -> Finding:
    if row.status != Status.MANUAL_REVIEW:
        # Where another open attempt of the same coin and amount forbids it, the caller's own record is what people see.
        with suppress(IntegrityError), transaction.atomic():
            _update(row, status=Status.MANUAL_REVIEW, remote_id=None, reason=reason[:500], evidence=evidence)
    checkpoint("hashdam: to people")
    return Ambiguous(reason, evidence)


def _bind(row: MiningWithdrawal, found: WithdrawalRow) -> Finding:
    status = ENDS.get(found.status, Status.SUBMITTED)
    values = {"status": status, "remote_id": found.remote_id, "evidence": evidence_of(found), "fee": found.fee}
    if status != Status.SUBMITTED:
        values["settled_at"] = clock.now()
        values["reason"] = found.message or found.status
    try:
        with transaction.atomic():
            _update(row, **values)
            PoolWithdrawal.objects.filter(remote_id=found.remote_id).update(owner=Owner.OURS)
    except IntegrityError:
        return NothingYet("another attempt was bound to the row just now")
    checkpoint("hashdam: bound")
    return _shown(found)


def _shown(found: WithdrawalRow) -> Finding:
    match ENDS.get(found.status):
        case Status.COMPLETED:
            return Settled(found.remote_id, evidence_of(found))
        case Status.FAILED:
            return Failed(found.remote_id, evidence_of(found))
    return Found(found.remote_id, evidence_of(found))


def _update(row: MiningWithdrawal, **values: Any) -> None:
    """Never over a final status: it stands, whatever a late reading shows."""
    final = (Status.COMPLETED, Status.FAILED, Status.RELEASED)
    MiningWithdrawal.objects.filter(pk=row.pk).exclude(status__in=final).update(**values)
