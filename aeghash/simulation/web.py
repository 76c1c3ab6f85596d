"""Requests to the product's own web server, without a socket: the real URLs, middleware and views."""

import json
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponseBase
from django.test import RequestFactory

from aeghash.core import clock, ids
from aeghash.simulation.furniture import KEY_ID, SECRET
from partners.signing import V2, Signed, hmac_of

BASE = "/api/aegmall/v1/"


class Web:
    def __init__(self) -> None:
        self.handler = WSGIHandler()
        self.factory = RequestFactory()

    def partner(self, path: str, body: dict[str, Any], *, key: str) -> tuple[int, dict[str, Any]]:
        """A signed call, as the mall would send it. Gives the status and what was answered."""
        raw = json.dumps(body).encode()
        headers = signed_headers(f"{BASE}{path}", raw) | {"Idempotency-Key": key}
        response = self._post(f"{BASE}{path}", raw, headers)
        return response.status_code, json.loads(getattr(response, "content", b"") or b"{}")

    def callback(self, path: str, body: dict[str, Any]) -> int:
        return self._post(path, json.dumps(body).encode(), {}).status_code

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> HttpResponseBase:
        request: HttpRequest = self.factory.generic(
            "POST", path, body, "application/json", headers=headers, SERVER_NAME="localhost", RAW_URI=path
        )
        return self.handler.get_response(request)


def signed_headers(path: str, body: bytes) -> dict[str, str]:
    stamp, nonce = str(int(clock.now().timestamp())), ids.random_bytes(16).hex()
    text = Signed(timestamp=stamp, nonce=nonce, method="POST", path=path, body=body).text()
    return {
        "X-AEG-Key": KEY_ID,
        "X-AEG-Timestamp": stamp,
        "X-AEG-Nonce": nonce,
        "X-AEG-Signature": f"{V2}={hmac_of(SECRET, text)}",
    }
