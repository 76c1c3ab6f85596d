from collections.abc import Iterator

import pytest

from aeghash.simulation.cast import Cast


@pytest.fixture(scope="session")
def cast() -> Iterator[Cast]:
    """One player; its stage is kept between runs of the tests."""
    with Cast(1, ("-m", "tests.simulation.player")) as cast:
        yield cast
