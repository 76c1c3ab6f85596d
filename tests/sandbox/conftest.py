from collections.abc import Callable, Iterator

import pytest

from aeghash.sandbox.hashdam import HashDam, HashDamSettings
from aeghash.sandbox.mblock import MBlock, MBlockSettings
from aeghash.sandbox.model import Model
from tests.sandbox.served import Served, StoppedClock


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def serve() -> Iterator[Callable[[Model], Served]]:
    running: list[Served] = []

    def start(model: Model) -> Served:
        running.append(Served(model))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def pool(clock: StoppedClock) -> HashDam:
    return HashDam(seed=7, clock=clock)


@pytest.fixture
def slow_pool(clock: StoppedClock) -> HashDam:
    """A pool that lists a withdrawal only after two minutes."""
    return HashDam(seed=7, clock=clock, settings=HashDamSettings(listing_delay=120))


@pytest.fixture
def service(clock: StoppedClock) -> MBlock:
    return MBlock(seed=7, clock=clock)


@pytest.fixture
def slow_service(clock: StoppedClock) -> MBlock:
    """A wallet service whose receipts take ten seconds."""
    return MBlock(seed=7, clock=clock, settings=MBlockSettings(receipt_delay=10))


@pytest.fixture
def served_pool(serve: Callable[[Model], Served], pool: HashDam) -> Served:
    return serve(pool)


@pytest.fixture
def served_service(serve: Callable[[Model], Served], service: MBlock) -> Served:
    return serve(service)
