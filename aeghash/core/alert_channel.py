"""Where alerts are sent: one message at a time to a Slack-style webhook."""

from typing import Final

from django.conf import settings

from aeghash.core.egress import Call, notify

DEADLINE_SECONDS: Final = 5.0


def send(text: str) -> None:
    """Raises if the channel did not take it, or did not say so.

    In production the webhook must stand on a public address, so that a wrong URL can't make us call ourselves.
    """
    call = Call(purpose="alerts", url=settings.ALERT_WEBHOOK_URL, json={"text": text}, deadline=DEADLINE_SECONDS)
    notify(call, public_only=settings.APP_ENV == "production")
