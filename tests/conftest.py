from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from aeghash.core import catalogue
from aeghash.core.operations.seal_audit import seal_audit
from tests import database


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any, worker_id: str
) -> Iterator[None]:
    """The owner makes and migrates the worker's own database; the application uses it (`TEST` of the settings)."""
    suffix = "" if worker_id == "master" else f"_{worker_id}"
    with django_db_blocker.unblock():
        owner = connections["owner"]
        owner.settings_dict["TEST"]["NAME"] = f"test_aeghash{suffix}"
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connections["default"].creation.set_as_test_mirror(owner.settings_dict)
        database.remember_seeded_rows()
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
        connections["default"].close_pool()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True, scope="session")
def _no_flush() -> Iterator[None]:
    """Django's own reset is a TRUNCATE, which append-only tables refuse; ours comes below."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: None)
        yield


@pytest.fixture(autouse=True)
def _reset_after_commits(request: pytest.FixtureRequest) -> Iterator[None]:
    if not database.is_transactional(request):
        yield
        return
    request.getfixturevalue("django_db_setup")
    yield
    database.reset()


@pytest.fixture
def owner(django_db_setup: None) -> Iterator[database.Owner]:
    """A connection of the owner's: to look from outside, and to plant what no code of the product could write."""
    with database.connect_as_owner() as connection:
        yield connection


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def check_invariants_after(django_db_setup: None) -> Iterator[None]:
    """For tests that move money: at their end everything in the catalogue must hold, on what they wrote."""
    yield
    if not connection.in_atomic_block:
        seal_audit()
    broken = [finding for finding in catalogue.look_at_all() if not finding.holds]
    assert not broken, "\n".join(f"{finding.invariant.id}: {finding.violations}" for finding in broken)
