"""What holds for every request under /api/, whether or not a view is ever reached."""

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Final

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation

from aeghash.core.api.problems import MEDIA_TYPE, of_status, problem_of, respond
from aeghash.core.waiting_room import has_waited_too_long

PREFIX: Final = "/api/"
LARGEST_BODY: Final = 64 * 1024


class ApiMiddleware:
    """Bodies are bounded, texts are English, and whatever went wrong is told as a problem document.

    It stands outside of all others but those that put headers on every answer: Django's own refusals (hosts, CSRF,
    unknown addresses, faults of other middleware) come by as finished pages, which are of no use to a program.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        with translation.override("en"):  # also what the middleware further in refuses before a view is reached
            response = self.answer(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST and response.get("Content-Type") != MEDIA_TYPE:
                response = in_place_of(response, request)
        response.headers.setdefault("Cache-Control", "no-store")
        if not response.streaming:  # what was made here has passed nobody who would have said it
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        if has_waited_too_long():
            return respond(of_status(HTTPStatus.SERVICE_UNAVAILABLE), request)
        try:
            read = with_whole_body(request)
        except UnreadablePostError as error:
            return respond(problem_of(error), request)
        if read is None:
            return respond(of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), request)
        return self.get_response(read)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """For views that aren't of the REST framework."""
        return respond(problem_of(exception), request) if request.path_info.startswith(PREFIX) else None


def in_place_of(page: HttpResponse, request: HttpRequest) -> HttpResponse:
    response = respond(of_status(page.status_code), request)
    if "Allow" in page:
        response["Allow"] = page["Allow"]
    return response


def with_whole_body(request: HttpRequest) -> HttpRequest | None:
    """The request with its body in memory, where signatures and parsers can both see it; None if it is too large."""
    if states_too_much(request.META.get("CONTENT_LENGTH") or ""):
        return None
    if not is_chunked(request):
        return request if len(request.body) <= LARGEST_BODY else None
    # Django reads nothing of a body without a stated length: what a caller sent would be lost without a word.
    raw = request.META["wsgi.input"].read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        return None
    return WSGIRequest({**request.META, "wsgi.input": BytesIO(raw), "CONTENT_LENGTH": str(len(raw))})


def is_chunked(request: HttpRequest) -> bool:
    """And the server marks the body's end; one that doesn't would let us wait for more."""
    chunked = request.headers.get("Transfer-Encoding", "").lower().endswith("chunked")
    return chunked and bool(request.META.get("wsgi.input_terminated"))


def states_too_much(length: str) -> bool:
    """By its digits first: thousands of them are a number that Python refuses to read."""
    return length.isdigit() and (len(length) > 9 or int(length) > LARGEST_BODY)
