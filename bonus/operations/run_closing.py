"""Pay a confirmed closing out: ranks, pool, one transfer per member, report and hash."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from django.db import DatabaseError, OperationalError, connection
from django.db.models import F

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.record import record
from aeghash.core.transactions import must_have_none, opens_one, with_db_retry
from bonus.models import Closing, ClosingMember, ClosingState, CreditState
from bonus.operations.lock_closings import lock_closing
from bonus.queries.canonical import DIGEST, hash_of
from bonus.queries.closable import INPUT, POOL_INPUT, SHARERS, Input, carried_into, members_of, snapshot_now, told
from bonus.queries.settings import settings_now
from organization.operations.recompute_ranks import recompute_ranks
from wallets.models.posting import ACTOR, actor, refusals_raised_by_the_database
from wallets.models.system_accounts import SystemAccount
from wallets.operations.raise_debt import raise_debt

POINT: Final = "POINT"
CREDIT: Final = "bonus.credit"
Tell = Callable[[], None]

TAKE_POOL: Final = f"""
    WITH taken AS (
        UPDATE bonus_pool_shares p SET status = 'taken', closing_id = %(closing)s WHERE {POOL_INPUT} RETURNING p.amount
    )
    SELECT coalesce(sum(amount), 0) FROM taken
"""  # noqa: S608 - our own words
# Whole units to each, and what is left a unit each to the lowest numbers: the largest remainder of equal parts.
SPLIT_POOL: Final = f"""
    INSERT INTO bonus_entries (
        beneficiary_id, type, level, pv, percentage, amount, rank, status, closing_id, due_at, created_at
    )
    SELECT user_id, 'share', 0, %(pool)s, trunc(100::numeric / all_of_them, 6), units * 0.000001, rank, 'pending',
           %(closing)s, %(cutoff)s, %(now)s
    FROM (
        SELECT user_id, rank, count(*) OVER () AS all_of_them, div(%(units)s::numeric, count(*) OVER ())
            + CASE WHEN row_number() OVER (ORDER BY user_id) <= mod(%(units)s::numeric, count(*) OVER ()) THEN 1 ELSE 0 END
            AS units
        FROM ({SHARERS}) AS sharers
    ) AS parts WHERE units > 0 ORDER BY user_id
"""  # noqa: S608
LAST_OF_CHUNK: Final = f"""
    SELECT max(member) FROM (
        SELECT DISTINCT e.beneficiary_id AS member FROM bonus_entries e
        WHERE e.beneficiary_id > %(after)s AND {INPUT} ORDER BY member LIMIT %(size)s
    ) AS members
"""  # noqa: S608
CLOSE_CHUNK: Final = f"""
    WITH moved AS (
        UPDATE bonus_entries e
        SET status = CASE WHEN u.is_active AND %(credit)s THEN 'confirmed' ELSE 'retrying' END, closing_id = %(closing)s
        FROM users u
        WHERE u.id = e.beneficiary_id AND e.beneficiary_id > %(after)s AND e.beneficiary_id <= %(last)s AND {INPUT}
        RETURNING e.*
    )
    INSERT INTO bonus_closing_members (
        closing_id, member_id, gross, clawed_back, amount, entry_ids, amounts, digest, status, attempts, error, updated_at
    )
    SELECT %(closing)s, beneficiary_id, coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
           coalesce(-sum(amount) FILTER (WHERE amount < 0), 0), sum(amount), array_agg(id ORDER BY id),
           array_agg(amount ORDER BY id), {DIGEST},
           CASE WHEN bool_and(status = 'confirmed') THEN 'credited' ELSE 'retrying' END, 0, '', %(now)s
    FROM moved GROUP BY beneficiary_id ORDER BY beneficiary_id
"""  # noqa: S608
POST_CHUNK: Final = f"""
    SELECT ledger_post_many(
        array_agg(ROW(%s || member_id, 'POINT', amount, NULL, %s, member_id, NULL)::transfer_entry ORDER BY member_id),
        %s, {ACTOR}
    ) FROM bonus_closing_members
    WHERE closing_id = %s AND member_id > %s AND member_id <= %s AND amount > 0 AND status = 'credited'
    HAVING count(*) > 0
"""  # noqa: S608
TOTALS: Final = "SELECT type, count(*), sum(amount) FROM bonus_entries WHERE closing_id = %s GROUP BY type"


def run_closing(*, closing_id: int, tell: Tell = lambda: None) -> Closing:
    """To its end, from wherever it was stopped: each step is a transaction of its own, and is done once.

    Closed already: nothing changes. A member whose credit fails holds up nobody; that credit is tried again by a job.
    Refuses one that isn't confirmed (`not_found`).
    """
    with must_have_none():
        closing = Closing.objects.filter(pk=closing_id).exclude(status=ClosingState.DRAFT).first()
    if closing is None:
        raise NotFound
    if closing.started_at is None:
        recompute_ranks()
        _start(closing_id)
    while _close_some(closing_id):
        checkpoint("closing: next chunk")
        tell()
    return _finish(closing_id)


@with_db_retry()
@opens_one()
def _start(closing_id: int) -> None:
    """Closes the input: what commits after this moment belongs to the next closing. Freezes who shares the pool."""
    closing = lock_closing(closing_id)
    if closing.started_at is not None or closing.status != ClosingState.RUNNING:
        return
    given = Input(closing=closing.pk, cutoff=closing.cutoff, snapshot=snapshot_now())
    carried = carried_into(closing.ends_at)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_POOL, given.parameters)
        pool = Decimal(cursor.fetchone()[0]) + carried
        if pool > 0:
            values: dict[str, Any] = {"pool": pool, "units": pool.scaleb(6), "now": clock.now()}
            cursor.execute(SPLIT_POOL, {**given.parameters, **values})
    closing.update(
        snapshot=given.snapshot,
        pool=pool,
        pool_carried_in=carried,
        pool_carried_out=min(pool, Decimal(0)),
        members_expected=members_of(given),
        started_at=clock.now(),
    )
    record("closing.started", of=closing, after={"pool": pool, "members": closing.members_expected})
    checkpoint("closing: before commit of the start")


def _close_some(closing_id: int) -> bool:
    """The next members; one by one if something about one of them fails, who is then left to the retries."""
    size = settings_now().chunk_size
    try:
        return _close_chunk(closing_id, size, credit=True)
    except OperationalError:
        raise  # the database is away, which says nothing about any member
    except (Refusal, DatabaseError):
        # All of a chunk or nothing: which of the members it was shows when each stands alone.
        return all(_close_one(closing_id) for _ in range(size))


def _close_one(closing_id: int) -> bool:
    try:
        return _close_chunk(closing_id, 1, credit=True)
    except OperationalError:
        raise
    except (Refusal, DatabaseError) as failure:
        return _close_chunk(closing_id, 1, credit=False, error=str(failure)[:200])


@with_db_retry()
@opens_one()
def _close_chunk(closing_id: int, size: int, *, credit: bool, error: str = "") -> bool:
    """Entries and transfers together, and how far it has come: killed before the commit, nothing of it happened."""
    closing = lock_closing(closing_id)
    if closing.status != ClosingState.RUNNING:
        return False
    given = Input(closing=closing.pk, cutoff=closing.cutoff, snapshot=closing.snapshot)
    values = {**given.parameters, "after": closing.last_member, "size": size, "credit": credit, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(LAST_OF_CHUNK, values)
        (last,) = cursor.fetchone()
        if last is None:
            return False
        cursor.execute(CLOSE_CHUNK, {**values, "last": last})
        count = cursor.rowcount
    checkpoint("closing: entries of a chunk confirmed")
    _post(closing, last)
    _retry_later(closing, last, error)
    Closing.objects.filter(pk=closing.pk).update(last_member=last, members_closed=F("members_closed") + count)
    checkpoint("closing: before commit of a chunk")
    return True


def _post(closing: Closing, last: int) -> None:
    batch = f"bonus:{closing.pk}:{closing.last_member}-{last}"
    parts = [closing.pk, closing.last_member, last]
    with refusals_raised_by_the_database(), connection.cursor() as cursor:
        cursor.execute(
            POST_CHUNK, [f"bonus:{closing.pk}:", SystemAccount.BONUS_EXPENSE.value, batch, *actor(""), *parts]
        )
    for owed in _chunk(closing, last).filter(status=CreditState.CREDITED, amount__lt=0).order_by("member"):
        take_back(owed)


def take_back(owed: ClosingMember) -> None:
    raise_debt(
        reference=owed.reference,
        asset=POINT,
        amount=-owed.amount,
        member=owed.member_id,
        target=SystemAccount.BONUS_EXPENSE,
    )


def _retry_later(closing: Closing, last: int, error: str) -> None:
    failing = _chunk(closing, last).filter(status=CreditState.RETRYING)
    if error:
        failing.update(error=error)
    for credit in failing.values_list("pk", flat=True):
        enqueue(CREDIT, key=f"credit:{credit}", credit_id=credit)


def _chunk(closing: Closing, last: int) -> Any:
    return ClosingMember.objects.filter(closing=closing, member__gt=closing.last_member, member__lte=last)


@with_db_retry()
@opens_one()
def _finish(closing_id: int) -> Closing:
    closing = lock_closing(closing_id)
    if closing.status == ClosingState.CLOSED:
        return closing
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [closing.pk])
        types = {kind: (count, Decimal(amount)) for kind, count, amount in cursor.fetchall()}
    closing.report = told(types, members=closing.members_closed, pool=closing.pool)
    closing.sha256 = hash_of(closing)
    closing.status, closing.closed_at = ClosingState.CLOSED, clock.now()
    closing.save(update_fields=["report", "sha256", "status", "closed_at"])
    record("closing.closed", of=closing, after={"sha256": closing.sha256, **closing.report})
    checkpoint("closing: before commit of the end")
    return closing
