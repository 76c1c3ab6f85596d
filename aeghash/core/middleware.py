"""What every request passes through."""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from aeghash.core import ids
from aeghash.core.actors import acting_as_found_by, person

ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    """Gives each request an id, which the answer, the log lines and the audit rows of that request carry.

    A caller's own `X-Request-ID` is kept if it is harmless, so that both sides can search for the same word.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("X-Request-ID", "")
        request_id = asked if ACCEPTABLE_ID.fullmatch(asked) else ids.request_id()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


def current_request_id() -> str:
    value = structlog.contextvars.get_contextvars().get("request_id")
    return value if isinstance(value, str) else ""


class ActorMiddleware:
    """What happens in a request is done by whoever is logged in, be it by a session or, found later, by a token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_as_found_by(lambda: person(request.user) if request.user.is_authenticated else None):
            return self.get_response(request)
