from collections.abc import Iterator

import pytest

from aeghash.core.actors import acting_as, command


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield
