"""The rights of every address, held against the table in `matrix.py`."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from aeghash.core.actors import acting_as, command
from aeghash.core.api.views import ApiView
from aeghash.core.operations.issue_api_token import issue_api_token
from tests.people import make_staff
from tests.security.addresses import all_addresses, methods_of, routes
from tests.security.matrix import BODIES, CALLERS, MATRIX, SAMPLES

OUTSIDE = "203.0.113.9"


def test_every_address_is_in_the_matrix() -> None:
    missing = sorted(all_addresses() - MATRIX.keys())
    assert not missing, "say in tests/security/tables/ who may use:\n" + "\n".join(missing)


def test_the_matrix_has_no_address_that_does_not_exist() -> None:
    assert not sorted(MATRIX.keys() - all_addresses())


@pytest.mark.urls("tests.api.probes")
def test_an_address_that_is_not_listed_is_found() -> None:
    """The negative control: with the probes installed, the first test would fail."""
    unlisted = {"GET api/probe/echo/", "POST api/probe/echo/", "GET api/probe/page/"}
    assert unlisted <= all_addresses() - MATRIX.keys()


def test_every_api_view_names_the_rights_of_each_of_its_methods() -> None:
    views = [
        view for _, view in routes(get_resolver().url_patterns) if issubclass(getattr(view, "cls", object), ApiView)
    ]
    assert views
    for view in views:
        assert view.cls.rights.keys() == methods_of(view), view.cls


@pytest.fixture
def callers(db: None, settings: Any) -> dict[str, Client]:
    """Each with a log-in for the pages and a token for the API."""
    settings.APPROVAL_OTP_REQUIRED = False
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    return {caller: client_of(caller) for caller in CALLERS}


def client_of(caller: str) -> Client:
    if caller == "anonymous":
        return Client(REMOTE_ADDR=OUTSIDE)
    user = make_staff(caller, caller, with_device=False)
    with acting_as(command("test")):
        token = issue_api_token(user=user)
    client = Client(REMOTE_ADDR=OUTSIDE, headers={"Authorization": f"Bearer {token}"})
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", sorted(MATRIX))
def test_everybody_gets_what_the_matrix_says(callers: dict[str, Client], address: str) -> None:
    got = tuple(status(client, address) for client in callers.values())
    assert got == MATRIX[address], f"{address}: {' '.join(map(str, got))}"


def status(client: Client, address: str) -> int:
    """On a sample of the caller's own, which nobody has changed before."""
    method, _, route = address.partition(" ")
    body = "" if method == "GET" else json.dumps(BODIES.get(address, {}))
    return client.generic(method, filled(route), body, "application/json").status_code


def filled(route: str) -> str:
    for piece, sample in SAMPLES.items():
        if piece in route:
            route = route.replace(piece, f"{piece[: piece.index('<')]}{sample()}")
    assert "<" not in route, "say in SAMPLES what this address takes"
    return f"/{route}"
