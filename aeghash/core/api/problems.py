"""Problem documents (RFC 9457): what every answer of the API says that isn't what was asked for.

`exception_handler` turns whatever a view raises into one; what never reaches a view, `api.middleware` does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError

from aeghash.core.database_errors import refusal_of
from aeghash.core.errors import Invalid, Refusal, TemporarilyUnavailable
from aeghash.core.middleware import current_request_id

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 1

CODES: Final = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "temporarily_unavailable",
}
SENTENCES: Final = {
    400: "The request can't be understood.",
    401: "Credentials are missing or not valid.",
    403: "You are not allowed to do this.",
    404: "There is no such object.",
    413: "The body has more than 64 KiB.",
    500: "Something went wrong on our side. The request's id helps us to find it.",
    503: "This can't be done right now. Please try again shortly.",
}
NOT_UNDERSTOOD: Final = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
ALL_FIELDS: Final = ("non_field_errors", "__all__")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Problem:
    code: str
    status: int
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extension: Mapping[str, Any] = field(default_factory=dict)


def exception_handler(exception: Exception, context: Mapping[str, Any]) -> JsonResponse:
    return respond(problem_of(exception), context["request"])


def respond(problem: Problem, request: HttpRequest) -> JsonResponse:
    """Not through the view's renderers: a problem looks the same where the view would have given YAML or a page."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(request.path),
        "code": problem.code,
        "request_id": current_request_id(),
    }
    if problem.errors:
        document["errors"] = problem.errors
    document |= problem.extension
    return JsonResponse(document, status=problem.status, headers=dict(problem.headers), content_type=MEDIA_TYPE)


def problem_of(exception: Exception) -> Problem:
    """The whole text is English, whatever the caller's browser asks for: programs and their makers read it."""
    with translation.override("en"):
        refusal = exception if isinstance(exception, Refusal) else refusal_of(exception)
        if isinstance(refusal, TemporarilyUnavailable):
            log.warning("temporarily_unavailable", fault=type(exception.__cause__ or exception).__name__)
        if refusal is not None:
            return of_refusal(refusal)
        if isinstance(exception, APIException):
            return of_api_exception(exception)
        status = status_of(exception)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("internal_error", exc_info=exception)
        return of_status(status)


def of_refusal(refusal: Refusal) -> Problem:
    errors = (of_field(refusal),) if isinstance(refusal, Invalid) else ()
    headers = {"Retry-After": str(RETRY_AFTER)} if isinstance(refusal, TemporarilyUnavailable) else {}
    return Problem(refusal.code, refusal.status, str(refusal), errors, headers, refusal.extension())


def of_field(refusal: Invalid) -> dict[str, str]:
    said = refusal.parameters
    return {"field": said["field"], "code": said.get("reason_code", "invalid"), "detail": str(said["reason"])}


def of_api_exception(exception: APIException) -> Problem:
    if isinstance(exception, ValidationError):
        return Problem("validation_error", 400, "The request holds values that can't be accepted.", flat(exception))
    code = "malformed_json" if isinstance(exception, ParseError) else code_of(exception.status_code)
    return Problem(code, exception.status_code, str(exception.detail), headers=headers_of(exception))


def headers_of(exception: APIException) -> dict[str, str]:
    found: dict[str, Any] = {
        "WWW-Authenticate": getattr(exception, "auth_header", None),
        "Retry-After": getattr(exception, "wait", None),
    }
    return {name: str(value) for name, value in found.items() if value}


def of_status(status: int) -> Problem:
    headers = {"Retry-After": str(RETRY_AFTER)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    detail = SENTENCES.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    return Problem(code_of(status), status, detail, headers=headers)


def code_of(status: int) -> str:
    return CODES.get(status, "internal_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused")


def status_of(exception: Exception) -> int:
    if isinstance(exception, Http404):
        return 404
    if isinstance(exception, PermissionDenied):
        return 403
    return 400 if isinstance(exception, NOT_UNDERSTOOD) else 500


def flat(exception: ValidationError) -> tuple[dict[str, str], ...]:
    found = walk(exception.detail, "")
    return tuple({"field": name, "code": str(detail.code), "detail": str(detail)} for name, detail in found)


def walk(detail: Any, name: str) -> Iterator[tuple[str, ErrorDetail]]:
    """`{"items": [{"amount": [wrong]}]}` is told as `items.0.amount`; what concerns a whole object, by its own name."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from walk(inner, name if key in ALL_FIELDS else ".".join(filter(None, (name, str(key)))))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_nested = isinstance(inner, Mapping | list)
            yield from walk(inner, f"{name}.{index}" if is_nested else name)
    else:
        yield name, detail
