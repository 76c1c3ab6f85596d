"""Keep a call whose work isn't done, and tell staff."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.transactions import needs_one
from partners.inbound import Asked
from partners.models import EventState, InboundEvent

OPEN: Final = (EventState.FAILED, EventState.REVIEW)
SENTENCES: Final = {
    EventState.FAILED: _("A call of partner %(partner)s failed and waits: %(call)s."),
    EventState.REVIEW: _(
        "A call of partner %(partner)s goes beyond its daily limit and waits for a decision: %(call)s."
    ),
}


@needs_one()
def keep_event(*, asked: Asked, state: EventState, reason: str) -> InboundEvent:
    """The same call again raises its count of attempts."""
    known = (
        InboundEvent.objects.select_for_update(no_key=True)
        .filter(
            partner=asked.partner,
            idempotency_key=asked.idempotency_key,
            fingerprint=asked.fingerprint,
            state__in=OPEN,
        )
        .first()
    )
    if known is not None:
        known.attempts, known.reason, known.state = known.attempts + 1, reason[:200], state
        known.save(update_fields=["attempts", "reason", "state"])
        return known
    event = InboundEvent.objects.create(
        partner=asked.partner,
        key=asked.key,
        idempotency_key=asked.idempotency_key,
        fingerprint=asked.fingerprint,
        call=asked.inbound.name,
        path=asked.path[:500],
        arguments=dict(asked.arguments),
        body=asked.body,
        state=state,
        reason=reason[:200],
    )
    sentence = SENTENCES[state] % {"partner": asked.partner.slug, "call": asked.inbound.name}
    raise_alert(key=f"partner-event:{event.pk}", severity=Severity.WARNING, sentence=sentence, reason=reason)
    return event
