from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.core.rights import GROUPS
from tests.people import make_staff

Call = Callable[..., Client]


@pytest.fixture(autouse=True)
def _own_cache(settings: Any, request: pytest.FixtureRequest) -> None:
    """Workers of one run share a Redis, and users of different databases have the same numbers."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": request.node.nodeid}}


def client_of(user: User) -> Client:
    with acting_as(command("test")):
        token = issue_api_token(user=user)
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def caller(db: None) -> Call:
    """A client of somebody in these groups, by default in all of them, with a token."""

    def make(*groups: str, name: str = "caller") -> Client:
        return client_of(make_staff(name, *(groups or GROUPS), full_name=name, with_device=False))

    return make


@pytest.fixture
def api(caller: Call) -> Client:
    return caller()


def queries_for(api: Client, path: str) -> int:
    """How many it takes, when the token has been used before."""
    assert api.get(path).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        api.get(path)
    return len(queries)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The document of a refusal, which is one in every respect."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), document
    assert answer["Content-Type"] == "application/problem+json"
    assert document["request_id"] == answer["X-Request-ID"]
    assert document["status"] == status
    assert document["detail"]
    assert answer["Cache-Control"] == "no-store"
    return document


def fields(document: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in document["errors"]}
