"""What the tests of screens and of the API share with those of the core."""

from collections.abc import Iterator

import pytest

from aeghash.core.actors import acting_as, job
from tests.api.conftest import _own_cache, api, caller
from tests.face.conftest import as_user

__all__ = ["_own_cache", "api", "as_user", "caller"]


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(job("test")):
        yield
