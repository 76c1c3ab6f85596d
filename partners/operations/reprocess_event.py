"""Work a call again that failed, or that waits for staff because of a day's limit."""

from django.db import transaction

from aeghash.core.errors import NotFound
from aeghash.core.operations.record import record
from aeghash.core.transactions import must_have_none
from partners import inbound
from partners.inbound import Asked
from partners.models import EventState, InboundEvent
from partners.operations.answer_once import answer_once
from partners.operations.keep_event import OPEN


@must_have_none()
def reprocess_event(*, event_id: int) -> InboundEvent:
    """As the partner's own call, under its own key: whatever was done meanwhile isn't done again. Settled: nothing happens.

    Refuses what `answer_once` refuses. A refusal of the work itself settles the event: it is its answer.
    """
    event = _found(event_id)
    if event.state not in OPEN:
        return event
    with transaction.atomic():
        record("partner_event.reprocessed", of=event, before={"state": event.state, "reason": event.reason})
    answer_once(asked=asked_again(event))
    return _found(event_id)


def asked_again(event: InboundEvent) -> Asked:
    return Asked(
        key=event.key,
        idempotency_key=event.idempotency_key,
        fingerprint=event.fingerprint,
        inbound=inbound.named(event.call),
        path=event.path,
        body=bytes(event.body),
        arguments=event.arguments,
        is_released=True,
    )


def _found(event_id: int) -> InboundEvent:
    event = InboundEvent.objects.select_related("key__partner").filter(pk=event_id).first()
    if event is None:
        raise NotFound
    return event


@transaction.atomic
def drop_event(*, event_id: int, reason: str) -> InboundEvent:
    """Set it aside for good: nothing of it is done. Settled already: nothing happens."""
    event = InboundEvent.objects.select_for_update(no_key=True).filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if event.state in OPEN:
        record("partner_event.dropped", of=event, before={"state": event.state}, reason=reason)
        event.state = EventState.DROPPED
        event.save(update_fields=["state"])
    return event
