"""The API's description of itself (OpenAPI 3.1), and the page that shows it."""

from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.problems import MEDIA_TYPE

PROBLEM: Final = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    # For some codes; a program passes over what it doesn't know.
    "additionalProperties": {"description": "What else a program may need to know of a refusal with this code."},
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "Stable; what a program should look at."},
        "request_id": {"type": "string", "description": "The same as in X-Request-ID."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Empty where it concerns the whole body."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
# Its style sheet holds its little pictures itself.
DOCS_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ALWAYS: Final = ("400", "401", "403", "406", "429", "503", "default")
WITH_ID: Final = ("404",)
CHANGING: Final = ("409", "413", "415")
CHANGING_METHODS: Final = {"post", "put", "patch", "delete"}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """To every operation, the refusals that it may answer; a view needn't name them."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components.setdefault("responses", {})["Problem"] = {"description": PROBLEM["description"], "content": content}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in problem_statuses(path, method):
                operation["responses"].setdefault(status, {"$ref": "#/components/responses/Problem"})
    return result


def problem_statuses(path: str, method: str) -> tuple[str, ...]:
    with_id = WITH_ID if "{" in path else ()
    return ALWAYS + with_id + (CHANGING if method in CHANGING_METHODS else ())


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "aeghash.core.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "As printed by `manage.py api_token`."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "aeghash.core.api.authentication.SessionAuthentication"
    name = "log-in"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        description = "The cookie of a log-in; with X-CSRFToken where something is changed."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": description}


class FormatByQuery(DefaultContentNegotiation):
    """`?format=json`, which nothing else in the API understands."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE="format")  # type: ignore[assignment]


class SchemaView(SpectacularAPIView):
    content_negotiation_class = FormatByQuery
    throttle_classes = ()


class DocsView(SpectacularSwaggerSplitView):
    """Everything on it comes from our own server, and nothing runs that stands in the page itself."""

    template_name = "api/docs.html"
    url_name = "api-schema"
    throttle_classes = ()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        final["Content-Security-Policy"] = DOCS_POLICY
        return final
