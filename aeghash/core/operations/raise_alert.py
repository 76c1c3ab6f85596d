import json
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import translation
from django.utils.functional import Promise

from aeghash.core import clock
from aeghash.core.logs import redacted, redacted_text
from aeghash.core.models import Alert, Severity
from aeghash.core.texts import storable

REMIND_AFTER: Final = timedelta(hours=6)
LONGEST_SENTENCE: Final = 500

# An open alert that goes on is told again only every six hours; without that, one that nobody acknowledged in spring
# would hide the next in autumn.
WRITE_ALERT: Final = """
    INSERT INTO alerts (key, severity, sentence, details, state, count, first_seen_at, last_seen_at, untold_since)
    VALUES (%(key)s, %(severity)s, %(sentence)s, %(details)s::jsonb, 'open', 1, %(now)s, %(now)s, %(untold_since)s)
    ON CONFLICT (key, severity) WHERE state = 'open' DO UPDATE SET
        count = alerts.count + 1,
        last_seen_at = excluded.last_seen_at,
        sentence = excluded.sentence,
        details = excluded.details,
        untold_since = CASE
            WHEN alerts.untold_since IS NOT NULL OR alerts.told_at >= %(remind)s THEN alerts.untold_since
            ELSE excluded.untold_since
        END
    RETURNING *
"""


def raise_alert(*, key: str, severity: Severity, sentence: str | Promise, **details: Any) -> Alert:
    """Writes an alert in the caller's transaction; the tick has it sent within seconds of the commit.

    While one of this key and severity is open, its count goes up instead. Its row stays locked until the commit, so
    this belongs at a transaction's end. Secrets are masked before they are written. Without an ALERT_WEBHOOK_URL the
    alert is only in the list.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an alert belongs to the transaction that raises it: open one")
    now = clock.now()
    columns = {"key": key, "severity": severity, "sentence": _for_the_office(sentence), "now": now}
    columns |= {"details": json.dumps({name: storable(str(value)) for name, value in redacted(details).items()})}
    columns |= {"untold_since": now if settings.ALERT_WEBHOOK_URL else None, "remind": now - REMIND_AFTER}
    (alert,) = Alert.objects.raw(WRITE_ALERT, columns)
    return alert


def _for_the_office(sentence: str | Promise) -> str:
    """In the language of the house, whoever's request or job raised it."""
    with translation.override(settings.LANGUAGE_CODE):
        return storable(redacted_text(str(sentence)))[:LONGEST_SENTENCE]
