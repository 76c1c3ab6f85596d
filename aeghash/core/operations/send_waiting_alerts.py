"""Telling the channel what waits to be told: one message, however much that is."""

from typing import Final

from django.conf import settings
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import translation
from django.utils.translation import gettext as _

from aeghash.core import alert_channel, clock
from aeghash.core.jobs import Lease, LeaseLost
from aeghash.core.models import Alert, Severity

MOST_TOLD: Final = 10_000
MOST_LINES: Final = 30
WORST_FIRST: Final = Case(
    *(When(severity=severity, then=Value(rank)) for rank, severity in enumerate(reversed(Severity.values))),
    output_field=IntegerField(),
)


def send_waiting_alerts(*, lease: Lease) -> int:
    """After an hour without the channel there may be thousands: the worst are told in full, the others as a number.

    The call stands between two committed states: a crash after it tells the same alerts twice, and loses none. They are
    marked one by one and not "up to now", because one raised earlier may commit later.
    """
    told = list(waiting_alerts().order_by(WORST_FIRST, "untold_since", "pk").values_list("pk", flat=True)[:MOST_TOLD])
    if not told:
        return 0
    text = message(told)
    if not lease.still_mine():
        raise LeaseLost(lease.job.pk)
    alert_channel.send(text)
    with lease.last_transaction():
        waiting_alerts().filter(pk__in=told).update(untold_since=None, told_at=clock.now())
    return len(told)


def waiting_alerts() -> QuerySet[Alert]:
    return Alert.objects.filter(untold_since__isnull=False)


def message(alert_ids: list[int]) -> str:
    alerts = Alert.objects.in_bulk(alert_ids[:MOST_LINES])
    more = len(alert_ids) - len(alerts)
    with translation.override(settings.LANGUAGE_CODE):
        lines = [line(alerts[pk]) for pk in alert_ids[:MOST_LINES] if pk in alerts]
        if more:
            lines.append(_("… and %(count)d more in the list of alerts.") % {"count": more})
    return "\n".join(lines)


def line(alert: Alert) -> str:
    details = "; ".join(f"{name}: {value}" for name, value in alert.details.items())
    times = f" ×{alert.count}" if alert.count > 1 else ""
    return _harmless(f"[{alert.get_severity_display()}] {alert.sentence}{times}" + (f" ({details})" if details else ""))


def _harmless(text: str) -> str:
    """Slack reads `<!channel>` and `<url|text>` as commands, and some of this text comes from outside."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
