"""Problem documents as they are kept: byte for byte what was answered."""

from django.http import HttpRequest
from rest_framework.exceptions import APIException

from aeghash.core.api.problems import problem_of, respond
from aeghash.core.errors import Refusal


def refusal_document(error: Exception, path: str) -> tuple[int, str, str] | None:
    """Status, text and code of a refusal that the same call would get again; None for whatever may pass."""
    if not isinstance(error, Refusal | APIException):
        return None
    problem = problem_of(error)
    if problem.status >= 500:
        return None
    request = HttpRequest()
    request.path = path.partition("?")[0]
    return problem.status, respond(problem, request).content.decode(), problem.code
