from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aeghash.core import broker, jobs
from aeghash.core.models import User
from tests.core import job_kinds
from tests.core.steering import Time, steered_time
from tests.database import Owner


@pytest.fixture
def time() -> Iterator[Time]:
    with steered_time() as time:
        yield time


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages that would have been sent."""
    sent: list[int] = []
    monkeypatch.setattr(broker, "tell", sent.append)
    return sent


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what jobs of the kind `test.doing` do."""

    def does(handler: Callable[..., None], **policy: Any) -> None:
        monkeypatch.delitem(jobs._kinds, "test.doing", raising=False)
        jobs.job("test.doing", **policy)(handler)

    monkeypatch.setitem(jobs._kinds, "test.doing", jobs.kind_named("test.nothing"))
    return does


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ops@example.com")


@pytest.fixture
def tables(owner: Owner) -> Iterator[None]:
    job_kinds.make_tables(owner)
    yield
    job_kinds.drop_tables(owner)
