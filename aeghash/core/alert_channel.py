"""Where alerts are sent: one message at a time to a Slack-style webhook."""

import json
import urllib.request
from typing import Any, Final

from django.conf import settings

TIMEOUT_SECONDS: Final = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def send(text: str) -> None:
    """Raises if the channel did not take it, or did not say so."""
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(settings.ALERT_WEBHOOK_URL, body, headers)  # noqa: S310 - checked at start
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
        pass
