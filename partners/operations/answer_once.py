"""Do what a call asks for, once: its record and its work are one commit."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import DatabaseError, connection

from aeghash.core import actors, clock
from aeghash.core.actors import acting_as
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import TemporarilyUnavailable
from aeghash.core.prepared import Prepared
from aeghash.core.transactions import opens_one, with_db_retry
from partners.documents import refusal_document
from partners.inbound import Answer, Asked
from partners.models import Call, EventState, IdempotencyRecord, InboundEvent, RecordState
from partners.operations.keep_event import keep_event
from partners.operations.spend_day import AboveDailyLimit
from partners.refusals import IdempotencyConflict, InProgress

LIFE: Final = timedelta(hours=24)
RETRIES: Final = 3
HELD_BACK: Final = "event"
FINAL: Final = (RecordState.SUCCEEDED, RecordState.REFUSED)

# The record, and in the same statement the log's line of the call: what it was answered.
WRITE: Final = """
    WITH told AS (UPDATE partner_calls SET status = %(status)s, code = %(code)s WHERE id = %(logged)s)
    INSERT INTO idempotency_keys (
        partner_id, key, fingerprint, call, path, state, status, answer, resource_type, resource_id, is_current, created_at
    ) VALUES (
        %(partner)s, %(key)s, %(fingerprint)s, %(call)s, %(path)s, %(state)s, %(status)s, %(answer)s, %(resource_type)s,
        %(resource_id)s, %(is_current)s, %(created_at)s
    )
"""
RECORD: Final = Prepared[IdempotencyRecord](
    lambda slug, key: IdempotencyRecord.objects.filter(partner__slug=slug, key=key, is_current=True), values=2
)

# Held for the transaction, so that the server lets go of it whatever becomes of us.
TAKE: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 15))"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    code: str = ""
    is_replay: bool = False


class Refused(Exception):
    """Ends the work's transaction; what is answered is kept in the next one."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


def answer_once(*, asked: Asked) -> Reply:
    """The work's answer, or the first one again. Refuses a key whose call is running (`idempotency_in_progress`) or which
    belongs to another call (`idempotency_conflict`, noted).

    A passing fault is tried again three times; then the call is kept as failed, staff are told, and it is raised as
    `temporarily_unavailable`: the same call later is tried again.
    """
    with acting_as(actors.partner(asked.key.key_id, asked.partner.slug)):
        try:
            reply = _once(asked)
        except InProgress:
            raise
        except Exception as error:
            _fail(asked, error)
            raise TemporarilyUnavailable from error
    if reply is None:
        raise IdempotencyConflict
    return reply


def _once(asked: Asked) -> Reply | None:
    try:
        values = _read(asked)
        return _work(asked, values)
    except Refused as refused:
        return _refuse(asked, refused.reply)
    except AboveDailyLimit as limit:
        return _hold_back(asked, limit)


@with_db_retry(max_attempts=1 + RETRIES)
@opens_one()
def _work(asked: Asked, values: Mapping[str, Any]) -> Reply | None:
    known, reply = _look(asked)
    if reply is not None or (known is not None and known.fingerprint != asked.fingerprint):
        return reply
    checkpoint("partner call: begun")
    with _refusals_of(asked):
        answer = asked.inbound.work(asked.context(), **values)
    checkpoint("partner call: worked")
    reply = _reply(asked, answer)
    _keep(asked, known, RecordState.REFUSED if answer.refusal else RecordState.SUCCEEDED, reply, answer.resource)
    _settle_events(asked, known, reply)
    return reply


def _read(asked: Asked) -> Mapping[str, Any]:
    """Before the transaction, which a body that can't be read then never opens."""
    with _refusals_of(asked):
        return asked.inbound.read(asked.body)


@contextmanager
def _refusals_of(asked: Asked) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        document = refusal_document(error, asked.path)
        if document is None:
            raise
        status, text, code = document
        raise Refused(Reply(status, text, code)) from error


def _reply(asked: Asked, answer: Answer) -> Reply:
    document = refusal_document(answer.refusal, asked.path) if answer.refusal else None
    if document is None:
        return Reply(answer.status, json.dumps(answer.body, ensure_ascii=False))
    status, text, code = document
    return Reply(status, text, code)


@with_db_retry(max_attempts=1 + RETRIES)
@opens_one()
def _refuse(asked: Asked, refusal: Reply) -> Reply | None:
    """In a transaction of its own: nothing of the work remains. Somebody may have been quicker with the same key."""
    known, reply = _look(asked)
    if reply is not None or (known is not None and known.fingerprint != asked.fingerprint):
        return reply
    _keep(asked, known, RecordState.REFUSED, refusal)
    _settle_events(asked, known, refusal)
    return refusal


@with_db_retry(max_attempts=1 + RETRIES)
@opens_one()
def _hold_back(asked: Asked, limit: AboveDailyLimit) -> Reply | None:
    known, reply = _look(asked)
    if reply is not None or (known is not None and known.fingerprint != asked.fingerprint):
        return reply
    event = keep_event(asked=asked, state=EventState.REVIEW, reason=str(limit))
    body = {**limit.names, "status": "REVIEW", "event": event.pk}
    reply = Reply(202, json.dumps(body, ensure_ascii=False))
    _keep(asked, known, RecordState.SUCCEEDED, reply, (HELD_BACK, event.pk))
    return reply


def _look(asked: Asked) -> tuple[IdempotencyRecord | None, Reply | None]:
    """The record of this key, if there is one, and the answer to give again. Another call's leaves a note of this one."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [f"{asked.partner.pk}:{asked.idempotency_key}"])
        if not cursor.fetchone()[0]:
            raise InProgress
    known = RECORD.first(asked.partner.slug, asked.idempotency_key)
    if known is None:
        return None, None
    if known.created_at <= clock.now() - LIFE:
        IdempotencyRecord.objects.filter(pk=known.pk).update(is_current=False)
        return None, None
    if known.fingerprint != asked.fingerprint:
        _write(asked, RecordState.FAILED_CONFLICT, Reply(409, "", IdempotencyConflict.code), is_current=False)
        return known, None
    is_for_staff = asked.is_released and known.resource_type == HELD_BACK
    if known.state in FINAL and not is_for_staff:
        return known, Reply(known.status or 0, known.answer, is_replay=True)
    return known, None


def _keep(
    asked: Asked,
    known: IdempotencyRecord | None,
    state: RecordState,
    reply: Reply,
    resource: tuple[str, int] = ("", 0),
) -> None:
    if known is None:
        return _write(asked, state, reply, resource)
    kind, number = resource
    IdempotencyRecord.objects.filter(pk=known.pk).update(
        state=state, status=reply.status, answer=reply.text, resource_type=kind, resource_id=number if kind else None
    )
    if asked.call is not None:
        Call.objects.filter(pk=asked.call).update(status=reply.status, code=reply.code)
    return None


def _write(
    asked: Asked, state: RecordState, reply: Reply, resource: tuple[str, int] = ("", 0), *, is_current: bool = True
) -> None:
    kind, number = resource
    values: dict[str, Any] = {
        "partner": asked.partner.pk,
        "key": asked.idempotency_key,
        "fingerprint": asked.fingerprint,
        "call": asked.inbound.name,
        "path": asked.path[:500],
        "state": state,
        "status": reply.status,
        "answer": reply.text,
        "resource_type": kind,
        "resource_id": number if kind else None,
        "is_current": is_current,
        "created_at": clock.now(),
        "code": reply.code,
        "logged": asked.call,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def _settle_events(asked: Asked, known: IdempotencyRecord | None, reply: Reply) -> None:
    """Whoever works a call that was kept: its sender with the same key, or staff."""
    if known is None and not asked.is_released:
        return
    open_ones = InboundEvent.objects.filter(
        partner=asked.partner,
        idempotency_key=asked.idempotency_key,
        fingerprint=asked.fingerprint,
        state__in=(EventState.FAILED, EventState.REVIEW),
    )
    open_ones.update(state=EventState.DONE, settled_at=clock.now(), answer=reply.text)


def _fail(asked: Asked, error: Exception) -> None:
    """Keeps the call. If the database is away altogether, the log line is all there is, and the caller's next attempt."""
    log.error("partner_call_failed", call=asked.inbound.name, exc_info=error)
    try:
        _keep_failure(asked, type(error.__cause__ or error).__name__)
    except (DatabaseError, InProgress, TemporarilyUnavailable):
        log.warning("partner_failure_not_kept", call=asked.inbound.name)


@opens_one()
def _keep_failure(asked: Asked, fault: str) -> None:
    known, reply = _look(asked)
    if reply is not None or (known is not None and known.fingerprint != asked.fingerprint):
        return
    _keep(asked, known, RecordState.FAILED, Reply(503, "", "temporarily_unavailable"))
    keep_event(asked=asked, state=EventState.FAILED, reason=fault)
