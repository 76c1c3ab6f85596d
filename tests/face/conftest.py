from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from tests.people import make_staff


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def staff(db: None) -> Callable[..., User]:
    return make_staff


@pytest.fixture
def as_user() -> Callable[..., Client]:
    """Logged in as the log-in does it, without its pages."""

    def open_one(user: User, language: str = "en", **headers: Any) -> Client:
        client = Client(**headers)
        client.force_login(user, backend="aeghash.core.authentication.StaffBackend")
        session = client.session
        session["second_factor"] = True
        session.save()
        client.cookies["django_language"] = language
        return client

    return open_one
