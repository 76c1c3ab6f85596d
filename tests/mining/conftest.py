from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.sandbox.hashdam import HashDam, HashDamSettings
from tests.sandbox.served import Served, StoppedClock


@pytest.fixture
def time() -> Iterator[StoppedClock]:
    """One clock for the product and for the pool."""
    stopped = StoppedClock()
    with clock.steered(lambda: datetime.fromtimestamp(stopped.now / 1000, UTC), lambda seconds: stopped.turn(seconds)):
        yield stopped


@pytest.fixture
def pool(time: StoppedClock, settings: Any) -> Iterator[Served]:
    served = Served(HashDam(seed=7, clock=time, settings=HashDamSettings(withdrawal_time=30)))
    settings.HASHDAM_API_BASE_URL = served.url
    settings.HASHDAM_API_KEY = "key"
    with acting_as(command("test")):
        yield served
    served.stop()
